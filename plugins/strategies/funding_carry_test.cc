// What the carry does where a leg can't be traded: legs that stay count against `gross`.
#include <gtest/gtest.h>

#include <cmath>

#include "plugins/strategies/registry.h"

namespace orrery::funding_carry_strategy_test {
namespace {

/// Two pairs, A short against B and C short against D, and a name of neither.
const std::vector<std::string> kNames = {"A", "B", "C", "D", "E"};

class Carry {
 public:
  explicit Carry(double gross = 1.0, std::int64_t most = 1) {
    StrategyRegistry all("strategy");
    plugins::strategies::register_all(all);
    strategy_ = make_strategy(
        all, "funding_carry",
        {{"pairs", std::string("A=B, C=D")}, {"gross", gross}, {"max_pairs", most}, {"cost_bps", 0.0}});
  }

  /// Decides, and returns the gross weight once everything is done that can be: names without a bar keep what
  /// they have.
  double gross_after() {
    Decision decision;
    strategy_->decide({0, make_date(2024, 3, 1), kNames, scores, tradable, holdings, {}, nullptr}, decision);
    double gross = 0.0;
    for (std::uint32_t i = 0; i < kNames.size(); ++i) {
      double weight = held(i);
      for (const Target& target : decision.targets) {
        if (target.instrument != i || tradable[i] == 0) continue;
        if (target.kind == TargetKind::kWeight) weight = target.weight;
      }
      gross += std::abs(weight);
    }
    return gross;
  }

  std::vector<double> scores = {0.001, 0.0, 0.002, 0.0, 0.0};
  std::vector<std::uint8_t> tradable = {1, 1, 1, 1, 1};
  std::vector<Holding> holdings;

 private:
  double held(std::uint32_t instrument) const {
    for (const Holding& holding : holdings) {
      if (holding.instrument == instrument) return holding.weight;
    }
    return 0.0;
  }

  std::unique_ptr<Strategy> strategy_;
};

TEST(FundingCarryGross, IsWholeWithThePairThatPaysBest) {
  Carry carry;
  EXPECT_DOUBLE_EQ(carry.gross_after(), 1.0);
}

TEST(FundingCarryGross, APairThatCannotBeClosedKeepsItsSlot) {
  Carry carry;
  carry.holdings = {{0, -0.5, 3}, {1, 0.5, 3}};
  carry.scores[0] = -0.001;  // to be left
  carry.tradable[1] = 0;     // and its hedge has no bar
  EXPECT_DOUBLE_EQ(carry.gross_after(), 1.0);
  carry.tradable[1] = 1;
  EXPECT_DOUBLE_EQ(carry.gross_after(), 1.0) << "it is closed, and the other entered";
}

TEST(FundingCarryGross, ALegAloneThatCannotBeClosedKeepsASlot) {
  Carry carry;
  carry.holdings = {{1, 0.5, 3}};
  carry.scores[0] = -0.001;
  carry.tradable[1] = 0;
  EXPECT_DOUBLE_EQ(carry.gross_after(), 0.5);
  carry.scores[0] = 0.001;  // its funding doesn't matter
  EXPECT_DOUBLE_EQ(carry.gross_after(), 0.5);
}

TEST(FundingCarryGross, SoDoesANameOfNoPair) {
  Carry carry(1.0, 2);
  carry.holdings = {{4, 0.4, 3}};
  carry.tradable[4] = 0;
  EXPECT_DOUBLE_EQ(carry.gross_after(), 0.9) << "one slot of two is left";
  carry.tradable[4] = 1;
  EXPECT_DOUBLE_EQ(carry.gross_after(), 1.0);
}

}  // namespace
}  // namespace orrery::funding_carry_strategy_test
