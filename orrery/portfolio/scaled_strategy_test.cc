#include "orrery/portfolio/scaled_strategy.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::scaled_strategy_test {
namespace {

const std::vector<std::string> kSymbols = {"A", "B", "C", "D"};

class Prices final : public MarketView {
 public:
  void trailing_returns(std::uint32_t instrument, std::span<double> returns) const override {
    std::fill(returns.begin(), returns.end(), 0.0);
    returns.back() = last[instrument];
  }
  std::string_view sector(std::uint32_t) const override { return {}; }
  double last[4] = {0, 0, 0, 0};
};

/// Two names at 0.4 each, every third session; remembers what it was shown.
class EveryThird final : public Strategy {
 public:
  EveryThird(std::uint32_t first, std::vector<std::vector<Holding>>& shown) : first_(first), shown_(shown) {}
  void decide(const StrategyInput& input, Decision& decision) override {
    shown_.emplace_back(input.holdings.begin(), input.holdings.end());
    if (count_++ % 3 != 0) return;
    decision.rebalance = true;
    for (std::uint32_t i = first_; i < first_ + 2; ++i) {
      decision.targets.push_back({i, TargetKind::kWeight, 0.4, 0.0, 1.0, static_cast<int>(i) + 1, "wanted"});
    }
  }
  std::string save(std::span<const std::string>) const override { return std::to_string(count_); }
  void restore(std::string_view saved, std::span<const std::string>) override {
    count_ = std::stoi(std::string(saved));
  }

 private:
  const std::uint32_t first_;
  std::vector<std::vector<Holding>>& shown_;
  int count_ = 0;
};

/// Holds only in the second half of a name's wanted weight of A.
class HalfOfA final : public Sizer {
 public:
  void size(const StrategyInput&, std::span<SizedWeight> weights) override {
    for (SizedWeight& weight : weights) {
      if (weight.instrument != 0) continue;
      weight.weight *= 0.5;
      weight.reason = "half";
    }
  }
};

/// An account without costs that follows every decision at once.
class Account {
 public:
  explicit Account(ScaledStrategy& strategy) : strategy_(strategy) {}

  void live(std::size_t row, std::span<const double> returns) {
    double portfolio = 0.0;
    for (const Holding& held : holdings) portfolio += held.weight * returns[held.instrument];
    for (Holding& held : holdings) held.weight *= (1.0 + returns[held.instrument]) / (1.0 + portfolio);
    std::copy(returns.begin(), returns.end(), prices_.last);
    StrategyInput input{row,     Date{static_cast<int>(row)}, kSymbols, scores_, tradable, holdings, {},
                        &prices_};
    decision = {};
    strategy_.decide(input, decision);
    if (!decision.rebalance) return;
    std::vector<Holding> next;
    for (const Target& target : decision.targets) {
      if (target.weight != 0.0) next.push_back({target.instrument, target.weight, 1});
    }
    std::sort(next.begin(), next.end(),
              [](const Holding& a, const Holding& b) { return a.instrument < b.instrument; });
    holdings = next;
  }

  double weight(std::uint32_t instrument) const {
    for (const Holding& held : holdings) {
      if (held.instrument == instrument) return held.weight;
    }
    return 0.0;
  }

  std::vector<Holding> holdings;
  std::vector<std::uint8_t> tradable{1, 1, 1, 1};
  Decision decision;

 private:
  ScaledStrategy& strategy_;
  Prices prices_;
  std::vector<double> scores_{4.0, 3.0, 2.0, 1.0};
};

struct World {
  std::vector<std::vector<Holding>> shown;
  ScaledStrategy strategy(PortfolioGate gate, std::unique_ptr<Sizer> sizer = nullptr) {
    return ScaledStrategy({[this] { return std::make_unique<EveryThird>(0, shown); },
                           [this] { return std::make_unique<EveryThird>(2, shown); }},
                          std::move(gate), std::move(sizer));
  }
};

std::vector<std::vector<double>> random_returns(std::size_t rows) {
  Random random(3);
  std::vector<std::vector<double>> returns(rows, std::vector<double>(4));
  for (auto& row : returns) {
    for (double& value : row) value = 0.02 * random.normal();
  }
  return returns;
}

TEST(ScaledStrategy, AMultiplierOfOneChangesNothing) {
  World plain, gated;
  auto without = plain.strategy({});
  auto with = gated.strategy({std::vector<double>(12, 1.0), {}, {}});
  Account left(without), right(with);
  for (std::size_t row = 0; const auto& returns : random_returns(12)) {
    left.live(row, returns);
    right.live(row, returns);
    ASSERT_EQ(left.decision.rebalance, right.decision.rebalance);
    for (std::uint32_t i = 0; i < 4; ++i) ASSERT_EQ(left.weight(i), right.weight(i));
    ++row;
  }
}

TEST(ScaledStrategy, TheGateScalesAtOnceAndTheStrategySeesWhatItWants) {
  World bare, world;
  PortfolioGate gate{{1, 1, 0.5, 0.5, 0.5, 0.0, 0.0, 1, 1, 1, 1, 1}, {}, {}};
  gate.reason.assign(12, "regime wild");
  auto without = bare.strategy({});
  auto with = world.strategy(gate);
  Account wanted(without), held(with);
  for (std::size_t row = 0; const auto& returns : random_returns(12)) {
    wanted.live(row, returns);
    held.live(row, returns);
    const bool moved = row > 0 && gate.multiplier[row] != gate.multiplier[row - 1];
    EXPECT_EQ(held.decision.rebalance, row % 3 == 0 || moved) << row;
    for (std::uint32_t i = 0; i < 2 && held.decision.rebalance; ++i) {
      EXPECT_NEAR(held.weight(i), gate.multiplier[row] * wanted.weight(i), 1e-15) << row;
    }
    if (held.decision.rebalance && row > 0) {
      EXPECT_EQ(held.decision.targets.front().reason, row % 3 == 0 ? "wanted; regime wild" : "regime wild");
    }
    ++row;
  }
  ASSERT_EQ(bare.shown.size(), world.shown.size());
  for (std::size_t row = 0; row < bare.shown.size(); ++row) {
    ASSERT_EQ(bare.shown[row].size(), world.shown[row].size()) << row;
    for (std::size_t i = 0; i < bare.shown[row].size(); ++i) {
      EXPECT_NEAR(bare.shown[row][i].weight, world.shown[row][i].weight, 1e-15) << row;
    }
  }
}

TEST(ScaledStrategy, AskedIsTheWeightBefore) {
  World world;
  auto strategy = world.strategy({{0.5}, {}, {}});
  Account account(strategy);
  account.live(0, std::vector<double>(4, 0.0));
  EXPECT_EQ(account.decision.targets[0].asked, 0.4);
  EXPECT_EQ(account.decision.targets[0].weight, 0.2);
}

TEST(ScaledStrategy, AnotherStrategyTakesOverAtOnce) {
  World world;
  auto strategy = world.strategy({{}, {0, 0, 1, 1, 0}, {}});
  Account account(strategy);
  for (std::size_t row = 0; row < 5; ++row) {
    account.live(row, std::vector<double>(4, 0.0));
    const bool second = row == 2 || row == 3;
    EXPECT_EQ(account.weight(0), second ? 0.0 : 0.4) << row;
    EXPECT_EQ(account.weight(3), second ? 0.4 : 0.0) << row;
  }
}

TEST(ScaledStrategy, SizesAreSetWhenTheStrategyRebalances) {
  World world;
  auto strategy = world.strategy({{1, 1, 0.5, 0.5}, {}, {}}, std::make_unique<HalfOfA>());
  Account account(strategy);
  const std::vector<double> still(4, 0.0);
  account.live(0, still);
  EXPECT_DOUBLE_EQ(account.weight(0), 0.2);
  EXPECT_DOUBLE_EQ(account.weight(1), 0.4);
  EXPECT_EQ(account.decision.targets[0].reason, "wanted; half");
  account.live(1, still);
  EXPECT_FALSE(account.decision.rebalance);
  account.live(2, still);
  EXPECT_DOUBLE_EQ(account.weight(0), 0.1);
  EXPECT_DOUBLE_EQ(account.weight(1), 0.2);
}

TEST(ScaledStrategy, WhatHasNoBarStays) {
  World world;
  auto strategy = world.strategy({{1, 0.5, 0.5}, {}, {}});
  Account account(strategy);
  const std::vector<double> still(4, 0.0);
  account.live(0, still);
  account.tradable[0] = 0;
  account.live(1, still);
  EXPECT_DOUBLE_EQ(account.weight(0), 0.4);
  EXPECT_DOUBLE_EQ(account.weight(1), 0.2);
  account.tradable[0] = 1;
  account.live(2, still);  // a sale that could not be made is made up for
  EXPECT_DOUBLE_EQ(account.weight(0), 0.2);
}

TEST(ScaledStrategy, GoesOnAfterARestartAsIfNothingHadBeen) {
  const PortfolioGate gate{
      {1, 0.5, 0.5, 0.2, 0.2, 1, 1, 1, 0.5, 0.5, 1, 1}, {0, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1}, {}};
  for (std::size_t stop = 0; stop < 12; ++stop) {
    World world;
    auto whole = world.strategy(gate), before = world.strategy(gate), after = world.strategy(gate);
    Account one(whole), first(before), second(after);
    for (std::size_t row = 0; const auto& returns : random_returns(12)) {
      one.live(row, returns);
      if (row <= stop) first.live(row, returns);
      if (row == stop) {
        after.restore(before.save(kSymbols), kSymbols);
        second.holdings = first.holdings;
      }
      if (row > stop) {
        second.live(row, returns);
        for (std::uint32_t i = 0; i < 4; ++i)
          ASSERT_EQ(one.weight(i), second.weight(i)) << stop << " " << row;
      }
      ++row;
    }
  }
  World world;
  auto strategy = world.strategy({});
  EXPECT_THROW(strategy.restore("no json", kSymbols), Error);
  EXPECT_THROW(strategy.restore(
                   R"({"strategy":0,"own":"1","changed":true,"multiplier":1,"wanted":[["GONE",0.1,1,1.0]]})",
                   kSymbols),
               Error);
}

}  // namespace
}  // namespace orrery::scaled_strategy_test
