#include "orrery/risk/drawdown_ladder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::drawdown_ladder_test {
namespace {

constexpr double kNone = std::numeric_limits<double>::quiet_NaN();

/// Names whose returns are what the test says; all the same unless `spread` makes them differ.
class FakeMarket final : public MarketView {
 public:
  void trailing_returns(std::uint32_t instrument, std::span<double> returns) const override {
    for (std::size_t i = 0; i < returns.size(); ++i) {
      const std::size_t ago = returns.size() - 1 - i;
      returns[i] = ago < history.size()
                       ? history[history.size() - 1 - ago] +
                             spread * std::sin(static_cast<double>((ago + 1) * (3 * instrument + 1)))
                       : kNone;
    }
  }
  std::string_view sector(std::uint32_t) const override { return {}; }

  std::vector<double> history;
  double spread = 0.0;
};

/// An account of four names, wanted at a quarter each, that follows the ladder's decisions without costs.
class Account {
 public:
  explicit Account(const LadderSettings& settings) : ladder(settings) {}

  /// Lives through a session in which every name returns `change`; the strategy decides if `rebalance`.
  void live(double change, bool rebalance = false, double deposit = 0.0) {
    market.history.push_back(change);
    double portfolio = 0.0;
    for (const Holding& held : holdings) portfolio += held.weight * change;
    for (Holding& held : holdings) held.weight *= (1.0 + change) / (1.0 + portfolio);
    equity = equity * (1.0 + portfolio) + deposit;
    const RiskInput input{
        row, Date{static_cast<int>(row)}, equity, deposit, symbols, scores, tradable, holdings, &market};
    ladder.observe(input);
    shown.assign(ladder.uncontrolled(holdings).begin(), ladder.uncontrolled(holdings).end());
    decision = {};
    if (rebalance) {
      decision.rebalance = true;
      for (std::uint32_t i = 0; i < 4; ++i) {
        decision.targets.push_back(
            {i, TargetKind::kWeight, 0.25, 0.0, scores[i], static_cast<int>(i) + 1, "wanted"});
      }
    }
    ladder.control(input, decision);
    if (decision.rebalance) follow();
    ++row;
  }

  double gross() const {
    double sum = 0.0;
    for (const Holding& held : holdings) sum += std::abs(held.weight);
    return sum;
  }

  DrawdownLadder ladder;
  FakeMarket market;
  std::vector<std::string> symbols{"BTC", "GLD", "MSFT", "XOM"};
  std::vector<std::uint8_t> tradable{1, 1, 1, 1};
  std::vector<double> scores{4.0, 3.0, 2.0, 1.0};
  std::vector<Holding> holdings, shown;
  Decision decision;
  double equity = 1e6;
  std::size_t row = 0;

 private:
  void follow() {
    std::vector<Holding> next;
    for (const Target& target : decision.targets) {
      if (target.weight != 0.0) next.push_back({target.instrument, target.weight, 1});
    }
    holdings = next;
  }
};

/// No extremes, so that drawdowns alone move the ladder.
LadderSettings plain() {
  LadderSettings settings;
  settings.extreme_volatility = 100.0;
  settings.extreme_correlation = 2.0;
  settings.gate_volatility = 100.0;
  settings.gate_sessions = 3;
  settings.ramp_sessions = 2;
  return settings;
}

TEST(DrawdownLadder, CalmAccountsAreLeftAlone) {
  Account account(plain());
  account.live(0.0, true);
  for (int i = 0; i < 50; ++i) account.live(0.001, true);
  EXPECT_EQ(account.ladder.level(), 0);
  EXPECT_TRUE(account.ladder.events().empty());
  EXPECT_NEAR(account.gross(), 1.0, 1e-12);
  for (const Target& target : account.decision.targets) {
    EXPECT_EQ(target.reason, "wanted");
    EXPECT_TRUE(std::isnan(target.asked));
  }
}

TEST(DrawdownLadder, EveryLevelIsReachedAtOnceAndScalesWhatTheStrategyWants) {
  const std::vector<std::pair<double, double>> cases = {
      {-0.051, 1.0}, {-0.081, 0.75}, {-0.121, 0.5}, {-0.151, 0.0}};
  for (std::size_t level = 1; level <= cases.size(); ++level) {
    Account account(plain());
    account.live(0.0, true);
    account.live(cases[level - 1].first);
    EXPECT_EQ(account.ladder.level(), static_cast<int>(level));
    EXPECT_NEAR(account.gross(), cases[level - 1].second, 1e-12);
    ASSERT_EQ(account.ladder.events().size(), 1u);
    EXPECT_NE(account.ladder.events()[0].cause.find("drawdown of"), std::string::npos);
    if (level < 2) continue;
    for (const Target& target : account.decision.targets) {
      EXPECT_NEAR(target.asked, 0.25, 1e-12);
      EXPECT_FALSE(target.reason.empty());
    }
  }
}

TEST(DrawdownLadder, MultipliersDoNotCompound) {
  Account account(plain());
  account.live(0.0, true);
  account.live(-0.085);
  EXPECT_NEAR(account.gross(), 0.75, 1e-12);
  account.live(-0.055);  // of three quarters: 12.3 % below the mark
  EXPECT_EQ(account.ladder.level(), 3);
  EXPECT_NEAR(account.gross(), 0.5, 1e-12);
}

TEST(DrawdownLadder, TheStrategyIsShownWhatItWouldHoldWithoutTheLadder) {
  Account account(plain());
  account.live(0.0, true);
  account.live(-0.085);
  account.live(0.0);
  ASSERT_EQ(account.shown.size(), 4u);
  for (const Holding& held : account.shown) EXPECT_NEAR(held.weight, 0.25, 1e-12);
}

/// The instruments that a decision gives a weight.
std::vector<std::uint32_t> entered(const Decision& decision) {
  std::vector<std::uint32_t> names;
  for (const Target& target : decision.targets) {
    if (target.weight != 0.0) names.push_back(target.instrument);
  }
  return names;
}

TEST(DrawdownLadder, LevelOneHoldsBackSpeculativeAndUnsureEntries) {
  LadderSettings settings = plain();
  settings.speculative = {"BTC"};
  settings.confidence =
      0.3;  // of the scores 4, 3, 2, 1 the second is 0.39 standard deviations above their mean
  Account account(settings);
  account.live(0.0, true);
  account.live(-0.06);
  account.holdings.clear();
  account.live(0.0, true);
  EXPECT_EQ(entered(account.decision), std::vector<std::uint32_t>{1});
  for (const Target& target : account.decision.targets) {
    if (target.instrument == 1) continue;
    EXPECT_EQ(target.asked, 0.25);
    EXPECT_EQ(target.reason, "risk level 1: held back");
  }
}

TEST(DrawdownLadder, LevelOneHoldsBackWhileItScalesToo) {
  LadderSettings settings = plain();
  settings.speculative = {"BTC"};
  settings.multipliers = {0.9, 0.75, 0.5, 0.0};
  Account account(settings);
  account.live(0.0, true);
  account.holdings.erase(account.holdings.begin());  // no BTC
  account.live(-0.08);
  ASSERT_EQ(account.ladder.level(), 1);
  account.live(0.0, true);
  EXPECT_EQ(entered(account.decision), (std::vector<std::uint32_t>{1, 2, 3}));
}

TEST(DrawdownLadder, ASaleThatCouldNotBeMadeIsAskedForAgain) {
  Account account(plain());
  account.live(0.0, true);
  const auto before = account.holdings;
  account.live(-0.2);
  ASSERT_EQ(account.ladder.level(), 4);
  account.holdings = before;  // nothing was sold
  account.live(0.0);
  EXPECT_TRUE(account.decision.rebalance);
  EXPECT_EQ(account.gross(), 0.0);
}

TEST(DrawdownLadder, AWantedNameWithoutABarIsNotAskedFor) {
  LadderSettings settings = plain();
  settings.confirm_after = 2;
  Account account(settings);
  account.live(0.0, true);
  account.live(-0.2);
  account.tradable[2] = 0;
  for (int i = 0; i < 12; ++i) {
    account.live(0.0);
    for (const Target& target : account.decision.targets) EXPECT_NE(target.instrument, 2u);
  }
  EXPECT_LT(account.ladder.level(), 4);
  EXPECT_EQ(account.holdings.size(), 3u);
}

TEST(DrawdownLadder, NamesThatStillMoveAsOneKeepTheGateShut) {
  LadderSettings settings = plain();
  settings.extreme_correlation = 0.85;
  Account account(settings);
  Random random(4);
  account.live(0.0, true);
  for (int i = 0; i < 60; ++i) account.live(0.001 * random.normal(), i % 5 == 0);
  EXPECT_EQ(account.ladder.level(), 2);
  EXPECT_EQ(account.ladder.events().size(), 1u);
}

TEST(DrawdownLadder, ARemainderTooSmallToRecoverByCountsAsStopped) {
  LadderSettings settings = plain();
  settings.confirm_after = 5;
  Account account(settings);
  account.live(0.0, true);
  account.live(-0.13);
  ASSERT_EQ(account.ladder.level(), 3);
  account.holdings = {{0, 0.01, 3}};
  for (int i = 0; i < 6; ++i) account.live(0.0);
  EXPECT_EQ(account.ladder.events().back().to, 3);
  EXPECT_NE(account.ladder.events().back().cause.find("confirmed"), std::string::npos);
}

TEST(DrawdownLadder, SymbolsThatTheDataHasNotAreRefused) {
  LadderSettings settings;
  settings.safe_havens = {"GLDX"};
  const std::vector<std::string> symbols{"GLD", "SHY"};
  try {
    check_ladder_symbols(settings, symbols);
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "risk ladder: safe_havens: the data has no 'GLDX'; did you mean 'GLD'?");
  }
}

TEST(DrawdownLadder, LevelTwoClosesSpeculativeNamesAndOnlyReduces) {
  LadderSettings settings = plain();
  settings.speculative = {"BTC"};
  Account account(settings);
  account.live(0.0, true);
  account.holdings.pop_back();  // XOM is not held
  account.live(-0.12);
  ASSERT_EQ(account.ladder.level(), 2);
  account.live(0.0, true);
  for (const Target& target : account.decision.targets) {
    EXPECT_EQ(target.instrument == 0,
              target.reason == "risk level 2 and above: speculative names are closed");
    EXPECT_TRUE(target.instrument != 3 || target.weight == 0.0) << "a new name is bought while reducing only";
  }
  // Three quarters of what the fall left of two of three names of a quarter each.
  EXPECT_NEAR(account.gross(), 0.75 * 2 * 0.25 * 0.88 / 0.91, 1e-12);
}

TEST(DrawdownLadder, LevelThreeHoldsOnlySafeHavens) {
  LadderSettings settings = plain();
  settings.safe_havens = {"GLD"};
  Account account(settings);
  account.live(0.0, true);
  account.live(-0.13);
  ASSERT_EQ(account.holdings.size(), 1u);
  EXPECT_EQ(account.holdings[0].instrument, 1u);
  EXPECT_NEAR(account.holdings[0].weight, 0.5, 1e-12);
}

TEST(DrawdownLadder, ExtremeVolatilityAndCorrelationEscalateAtOnce) {
  LadderSettings settings;
  settings.extreme_correlation = 2.0;
  Account wild(settings);
  wild.live(0.0, true);
  for (int i = 0; i < 19; ++i) wild.live(i % 2 == 0 ? 0.045 : -0.04);
  EXPECT_EQ(wild.ladder.level(), 2);
  EXPECT_NE(wild.ladder.events().back().cause.find("volatility of"), std::string::npos);

  Account together(LadderSettings{});
  Random random(3);
  together.live(0.0, true);
  for (int i = 0; i < 19; ++i) together.live(0.001 * random.normal());
  EXPECT_EQ(together.ladder.level(), 2);
  EXPECT_NE(together.ladder.events().back().cause.find("mean correlation of 1.00"), std::string::npos);

  Account apart(LadderSettings{});
  apart.market.spread = 0.01;
  apart.live(0.0, true);
  for (int i = 0; i < 19; ++i) apart.live(0.001 * random.normal());
  EXPECT_EQ(apart.ladder.level(), 0);
}

TEST(DrawdownLadder, TheGateLetsDownOneLevelAtATimeWithARamp) {
  Account account(plain());
  account.live(0.0, true);
  account.live(-0.125);
  ASSERT_EQ(account.ladder.level(), 3);
  account.live(0.08, true);  // half invested: drawdown 9.0 %, less than nine tenths of 12 %
  account.live(0.0, true);
  EXPECT_EQ(account.ladder.level(), 3) << "three sessions on a level at least";
  account.live(0.0, true);
  EXPECT_EQ(account.ladder.level(), 2);
  EXPECT_NEAR(account.gross(), 0.5 + 0.5 * 0.25, 1e-9) << "half of the way up";
  account.live(0.0, true);
  EXPECT_NEAR(account.gross(), 0.75, 1e-9);
  for (int i = 0; i < 6; ++i) account.live(0.0, true);
  EXPECT_EQ(account.ladder.level(), 2) << "9 % is not nine tenths of 8 %";
  account.live(0.035, true);
  EXPECT_EQ(account.ladder.level(), 1);
  account.live(0.05, true);
  for (int i = 0; i < 4; ++i) account.live(0.0, true);
  EXPECT_EQ(account.ladder.level(), 0);
  EXPECT_NEAR(account.gross(), 1.0, 1e-9);
  EXPECT_EQ(account.ladder.events().size(), 4u);
}

TEST(DrawdownLadder, TurbulenceKeepsTheGateShut) {
  LadderSettings settings = plain();
  settings.gate_volatility = 0.05;
  Account account(settings);
  account.live(0.0, true);
  account.live(-0.06);
  for (int i = 0; i < 30; ++i) account.live(i % 2 == 0 ? 0.02 : -0.01);
  EXPECT_EQ(account.ladder.level(), 1);
}

TEST(DrawdownLadder, LevelFourWaitsForAPersonAndTheMarkIsSetBackThenAlone) {
  Account account(plain());
  account.live(0.0, true);
  account.live(-0.2);
  for (int i = 0; i < 100; ++i) account.live(0.01, true);
  EXPECT_EQ(account.ladder.level(), 4);
  EXPECT_EQ(account.gross(), 0.0);
  EXPECT_NEAR(account.ladder.drawdown(), 0.2, 1e-12);
  account.ladder.confirm(Date{200});
  EXPECT_EQ(account.ladder.level(), 3);
  EXPECT_EQ(account.ladder.drawdown(), 0.0);
  EXPECT_EQ(account.ladder.events().back().cause, "re-entry confirmed; the mark is set back by 20.00 %");
  for (int i = 0; i < 20; ++i) account.live(0.0, true);
  EXPECT_EQ(account.ladder.level(), 0);
  EXPECT_NEAR(account.gross(), 1.0, 1e-9);
}

TEST(DrawdownLadder, ABacktestConfirmsAfterSoManySessions) {
  LadderSettings settings = plain();
  settings.confirm_after = 5;
  Account account(settings);
  account.live(0.0, true);
  account.live(-0.2);
  int sessions = 0;
  while (account.ladder.level() == 4 && sessions < 50) {
    account.live(0.0, true);
    ++sessions;
  }
  EXPECT_EQ(sessions, 6);
}

TEST(DrawdownLadder, DepositsAreNoGainAndWithdrawalsNoLoss) {
  Account account(plain());
  account.live(0.0, true);
  account.live(0.0, false, 1e6);
  EXPECT_EQ(account.ladder.drawdown(), 0.0);
  account.live(0.0, false, -1.5e6);
  EXPECT_NEAR(account.ladder.drawdown(), 0.0, 1e-12);
  account.live(-0.06);
  EXPECT_NEAR(account.ladder.drawdown(), 0.06, 1e-12);
}

TEST(DrawdownLadder, ARestoredLadderGoesOnAsIfNothingHadHappened) {
  Account one(plain());
  one.live(0.0, true);
  one.live(-0.09);
  Account other(plain());
  other.ladder.restore(one.ladder.save(one.symbols), other.symbols);
  other.holdings = one.holdings;
  other.equity = one.equity;
  other.market = one.market;
  other.row = one.row;
  Random random(9);
  for (int i = 0; i < 60; ++i) {
    const double change = 0.004 + 0.01 * random.normal();
    one.live(change, i % 5 == 0);
    other.live(change, i % 5 == 0);
    ASSERT_EQ(one.ladder.level(), other.ladder.level());
    ASSERT_EQ(one.gross(), other.gross());
  }
}

TEST(DrawdownLadder, SettingsThatMakeNoSenseAreRefused) {
  LadderSettings settings;
  settings.levels = {0.05, 0.04, 0.12, 0.15};
  EXPECT_THROW(DrawdownLadder{settings}, Error);
  settings = {};
  settings.multipliers = {0.5, 0.75, 0.5, 0.0};
  EXPECT_THROW(DrawdownLadder{settings}, Error);
  settings = {};
  settings.confirm_after = 0;
  EXPECT_THROW(DrawdownLadder{settings}, Error);
}

}  // namespace
}  // namespace orrery::drawdown_ladder_test
