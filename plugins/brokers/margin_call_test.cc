// Forced reductions under a margin call, against a slow calculation from the journal alone.
#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>

#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/execution/symbol_keyed_checks.h"
#include "testing/fake_wait_clock.h"
#include "testing/paper_accounts.h"
#include "testing/temporary_folder.h"

namespace orrery::margin_call_test {
namespace {

using Weights = std::vector<double>;

/// Wants these weights on some sessions, and otherwise leaves everything as it is.
class FixedWeights final : public Strategy {
 public:
  FixedWeights(Weights weights, std::size_t every) : weights_(std::move(weights)), every_(every) {}
  void decide(const StrategyInput& input, Decision& decision) override {
    if (every_ == 0 ? input.row != 0 : input.row % every_ != 0) return;
    decision.rebalance = true;
    for (std::uint32_t i = 0; i < weights_.size(); ++i) {
      Target target;
      target.instrument = i;
      target.weight = weights_[i];
      target.rank = static_cast<int>(i + 1);
      target.reason = "fixed";
      decision.targets.push_back(target);
    }
  }

 private:
  Weights weights_;
  std::size_t every_;
};

BacktestConfig config_with(ParameterMap margin, const Costs& costs = {}) {
  BacktestConfig config;
  config.costs = costs;
  config.order_checks = [margin, costs](std::span<const std::string> symbols) {
    const RuleContext context{
        "us", true, symbols, costs.commission_bps / 1e4, costs.slippage_bps / 1e4, costs.min_cost};
    auto list = std::make_unique<OrderCheckList>();
    list->add("margin", make_rule(testing::rules(), "margin", context, margin));
    return std::make_unique<SymbolKeyedChecks>(std::move(list),
                                               std::vector<std::string>(symbols.begin(), symbols.end()));
  };
  return config;
}

ParameterMap reducing(double cushion, std::int64_t days = 0) {
  return {{"on_call", std::string("reduce")}, {"cushion", cushion}, {"days", days}};
}

BacktestResult run(const MarketData& market, const Weights& weights, const BacktestConfig& config,
                   std::size_t every = 0) {
  FixedWeights strategy(weights, every);
  return run_backtest(market, testing::make_random_scores(market, 1), strategy, config);
}

/// 25 % of what is long; of what is short 30 %, and $5 a share at least, or under $5 all of it and $2.50 at
/// least (FINRA Rule 4210(c)).
double required(double shares, double price) {
  if (shares >= 0.0) return 0.25 * shares * price;
  return price < 5.0 ? std::max(-shares * price, -shares * 2.5)
                     : std::max(-shares * price * 0.3, -shares * 5.0);
}

/// Of a result that lives as long as they are looked at.
std::vector<const JournalEntry*> forced(const BacktestResult& result) {
  std::vector<const JournalEntry*> found;
  for (const JournalEntry& entry : result.journal) {
    if (entry.kind == EntryKind::kTrade && entry.reason == "margin call") found.push_back(&entry);
  }
  return found;
}

std::vector<std::string> said(const BacktestResult& result) {
  std::vector<std::string> texts;
  for (const OrderFinding& finding : result.findings) {
    if (finding.instrument == kNoInstrument) {
      texts.push_back(to_string(finding.session.date) + " " + std::string(finding.rule) + " " +
                      finding.figures);
    }
  }
  return texts;
}

/// Rebuilds the account from the trades, and holds every session against what the rule promises. Returns how
/// often positions were reduced.
class SlowAccount {
 public:
  SlowAccount(const MarketData& market, const BacktestResult& result, double cushion, const Costs& costs)
      : market_(market), result_(result), cushion_(cushion), costs_(costs) {}

  int check() {
    int reductions = 0;
    bool called = false;
    for (std::size_t t = 0; t < market_.rows(); ++t) {
      const auto before = shares_;
      const double cash = cash_;
      const bool has_forced = book(t);
      // In the morning nothing but prices of the evening before is known.
      if (called) {
        const double part = least_part(before, cash);
        for (const auto& [name, held] : before) {
          const double closed = closed_[name];
          EXPECT_NEAR(closed, part * std::abs(held), 2e-6) << t << " " << name;
        }
        EXPECT_TRUE(has_forced) << t;
        ++reductions;
      } else {
        EXPECT_FALSE(has_forced) << t;
      }
      for (const auto& [name, held] : shares_) prices_[name] = market_.raw_field("close")(t, name);
      called = equity(shares_, cash_) < requirement(shares_);
      EXPECT_NEAR(equity(shares_, cash_), result_.daily[t].equity.units(), 1e-3);
    }
    return reductions;
  }

 private:
  using Shares = std::map<std::uint32_t, double>;

  /// Books a session's trades; forced ones come first.
  bool book(std::size_t t) {
    closed_.clear();
    bool any = false, other = false;
    for (const JournalEntry& entry : result_.journal) {
      if (entry.session.row != t) continue;
      if (entry.kind == EntryKind::kDeposit) cash_ += entry.value.units();
      if (entry.kind != EntryKind::kTrade) continue;
      const double sign = entry.side == OrderSide::kBuy ? 1.0 : -1.0;
      if (entry.reason == "margin call") {
        EXPECT_FALSE(other) << "before anything else";
        any = true;
        closed_[entry.instrument] += entry.quantity.units();
      } else {
        other = true;
      }
      cash_ -= sign * entry.value.units() + entry.commission.units() + entry.slippage.units();
      double& held = shares_[entry.instrument];
      held += sign * entry.quantity.units();
      if (std::abs(held) < 1e-9) shares_.erase(entry.instrument);
    }
    return any;
  }

  double equity(const Shares& shares, double cash) const {
    for (const auto& [name, held] : shares) cash += held * prices_.at(name);
    return cash;
  }
  double requirement(const Shares& shares) const {
    double sum = 0.0;
    for (const auto& [name, held] : shares) sum += required(held, prices_.at(name));
    return sum;
  }

  /// Tries ever smaller steps upward, as nobody would who is in a hurry.
  double least_part(const Shares& shares, double cash) const {
    const auto covered = [&](double part) {
      double after = equity(shares, cash);
      for (const auto& [name, held] : shares) {
        const double value = part * std::abs(held) * prices_.at(name);
        if (value > 0.0) after -= std::max(value * costs_.commission_bps / 1e4, costs_.min_cost);
        after -= value * costs_.slippage_bps / 1e4;
      }
      return after >= (1.0 + cushion_) * (1.0 - part) * requirement(shares);
    };
    double part = 0.0;
    for (double step = 0.125; step > 1e-16; step *= 0.125) {
      while (part + step <= 1.0 && !covered(part + step)) part += step;
    }
    return std::min(part, 1.0);
  }

  const MarketData& market_;
  const BacktestResult& result_;
  const double cushion_;
  const Costs costs_;
  double cash_ = 0.0;
  Shares shares_, closed_;
  std::map<std::uint32_t, double> prices_;
};

/// Long A, short B. A falls, B rises, and then nothing moves.
MarketData falling_market() {
  return testing::make_market(
      {{"A", {100, 100, 90, 75, 62, 62, 62, 62}}, {"B", {50, 50, 52, 55, 60, 60, 60, 60}}});
}
const Weights kLevered{0.95, -0.95};

TEST(MarginCall, IsMetAtTheNextSessionByJustEnough) {
  for (const Costs& costs : {Costs{}, Costs{10.0, 15.0, 0.0}, Costs{10.0, 0.0, 400.0}}) {
    const MarketData market = falling_market();
    const auto result = run(market, kLevered, config_with(reducing(0.0), costs));
    const auto trades = forced(result);
    ASSERT_EQ(trades.size(), 2u);
    EXPECT_EQ(trades[0]->session.row, 5u);
    EXPECT_EQ(trades[0]->side, OrderSide::kSell);
    EXPECT_EQ(trades[1]->side, OrderSide::kBuy) << "shorts are covered";
    SlowAccount slow(market, result, 0.0, costs);
    EXPECT_EQ(slow.check(), 1) << "met at prices that don't move";
    double need = 0.0;
    for (const PositionRow& row : result.positions) {
      if (row.date == market.dates[5]) need += required(row.quantity.units(), row.mark.units());
    }
    EXPECT_GE(result.daily[5].equity.units(), need - 1e-4);
    EXPECT_NEAR(result.daily[5].equity.units(), need, 1e-3) << "and by no more";
    EXPECT_GT(need, 0.0);
    const auto verified = verify_journal(trades_table(result), positions_table(result), equity_table(result));
    EXPECT_TRUE(verified.verified()) << verified.summary();
  }
}

TEST(MarginCall, IsWrittenDownOnTheDayItBeginsAndEndsWithoutAnyOrder) {
  const MarketData market = falling_market();
  const auto result = run(market, kLevered, config_with(reducing(0.02)));
  const auto texts = said(result);
  ASSERT_EQ(texts.size(), 2u);
  EXPECT_EQ(texts[0].rfind(to_string(market.dates[4]) + " margin_call begins: the equity of ", 0), 0u)
      << texts[0];
  EXPECT_EQ(texts[1].rfind(
                to_string(market.dates[5]) + " margin_call of " + to_string(market.dates[4]) + " ends: ", 0),
            0u)
      << texts[1];
  const auto refusing = run(market, kLevered, config_with({}));
  EXPECT_TRUE(forced(refusing).empty());
  EXPECT_EQ(said(refusing).size(), 1u) << "it begins, and does not end";
  const Table table = order_checks_table(result);
  EXPECT_EQ(table.rows(), result.findings.size());
}

TEST(MarginCall, GivesAsManySessionsOfGraceAsItIsTold) {
  const MarketData market = falling_market();
  for (const std::int64_t days : {0, 1, 2}) {
    const auto result = run(market, kLevered, config_with(reducing(0.0, days)));
    const auto trades = forced(result);
    ASSERT_FALSE(trades.empty());
    EXPECT_EQ(trades.front()->session.row, 5u + static_cast<std::size_t>(days));
  }
  EXPECT_TRUE(forced(run(market, kLevered, config_with(reducing(0.0, 3)))).empty());
}

TEST(MarginCall, WhatIsHaltedIsTriedAgain) {
  MarketData market = testing::make_market(
      {{"A", {100, 100, 90, 75, 62, testing::kNoBar, 62, 62}}, {"B", {50, 50, 52, 55, 60, 60, 60, 60}}});
  const auto result = run(market, kLevered, config_with(reducing(0.0)));
  ASSERT_FALSE(result.unfilled.empty());
  EXPECT_EQ(result.unfilled.front().reason, UnfilledReason::kHalted);
  std::map<std::uint32_t, std::vector<std::size_t>> days;
  for (const JournalEntry* entry : forced(result)) days[entry->instrument].push_back(entry->session.row);
  EXPECT_EQ(days[0], (std::vector<std::size_t>{6}));
  EXPECT_EQ(days[1], (std::vector<std::size_t>{5, 6}));
}

TEST(MarginCall, VolumeLimitsHoldAndOrdersOfAPriceDoNot) {
  MarketData market = falling_market();
  BacktestConfig config = config_with(reducing(0.0));
  config.priced.offset = 0.5;
  config.priced.of = PricedOrders::Of::kExits;
  EXPECT_EQ(forced(run(market, kLevered, config)).size(), 2u) << "at any price";
  for (std::size_t t = 5; t < market.rows(); ++t) {
    for (std::size_t i = 0; i < 2; ++i) market.raw.at("volume")(t, i) = 500.0;
  }
  const auto result = run(market, kLevered, config);
  const auto limited = forced(result);
  ASSERT_GE(limited.size(), 4u) << "several sessions";
  for (const JournalEntry* entry : limited) EXPECT_LE(entry->quantity.units(), 500.0);
}

TEST(MarginCall, ADecisionOnItsWayThatWouldOpenGivesWay) {
  const MarketData market =
      testing::make_market({{"A", std::vector<double>(12, 100.0)}, {"B", std::vector<double>(12, 50.0)}});
  ParameterMap warns = reducing(0.0);
  warns["mode"] = std::string("warn");
  // Wants more on every session than may be maintained, so that a decision is always on its way that would
  // buy back what is closed.
  const auto result = run(market, {2.2, -2.2}, config_with(warns), 1);
  ASSERT_GE(forced(result).size(), 6u);
  for (const JournalEntry* first : forced(result)) {
    for (const JournalEntry& entry : result.journal) {
      if (entry.kind != EntryKind::kTrade || entry.session.row != first->session.row) continue;
      EXPECT_EQ(entry.reason, "margin call") << entry.session.row;
    }
  }
}

TEST(MarginCall, WholeSharesAreRoundedUp) {
  const MarketData market = falling_market();
  BacktestConfig config = config_with(reducing(0.0));
  config.fractional = false;
  const auto result = run(market, kLevered, config);
  const auto exact = forced(run(market, kLevered, config_with(reducing(0.0))));
  const auto whole = forced(result);
  ASSERT_EQ(whole.size(), exact.size());
  for (const JournalEntry* entry : whole) EXPECT_EQ(entry->quantity.micros % kMicrosPerUnit, 0);
  EXPECT_EQ(said(result).size(), 2u) << "met at once";
}

/// Levered accounts through markets that swing, decided anew every few sessions.
TEST(MarginCall, HoldsAgainstASlowAccountInRandomMarkets) {
  int reductions = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed) {
    const MarketData market = testing::make_random_market(80, 6, seed);
    const Costs costs{seed % 2 == 0 ? 10.0 : 0.0, 5.0, seed % 3 == 0 ? 50.0 : 0.0};
    const double cushion = seed % 4 == 0 ? 0.1 : 0.0;
    ParameterMap settings = reducing(cushion);
    settings["mode"] = std::string("warn");  // lets it lever up beyond the initial requirement
    Weights weights;
    for (int i = 0; i < 6; ++i) weights.push_back(i % 2 == 0 ? 0.6 : -0.62);
    const auto result = run(market, weights, config_with(settings, costs), 7);
    SlowAccount slow(market, result, cushion, costs);
    reductions += slow.check();
  }
  EXPECT_GT(reductions, 20);
}

TEST(MarginCall, AnAccountDoesAsTheBacktest) {
  const MarketData market = testing::make_random_market(80, 6, 4);
  const Panel scores = testing::make_random_scores(market, 1);
  ParameterMap settings = reducing(0.05, 1);
  settings["mode"] = std::string("warn");
  BarAccountSettings account_settings{config_with(settings, {5.0, 5.0, 1.0}), ReconcilePolicy::kStop, false,
                                      ""};
  const Weights weights{0.6, -0.62, 0.6, -0.62, 0.6, -0.62};
  const auto expected = run(market, weights, account_settings.trading, 7);
  ASSERT_FALSE(forced(expected).empty());
  testing::TemporaryFolder folder;
  testing::FakeWaitClock clock;
  for (std::size_t t = 0; t < market.rows(); ++t) {  // one process a session
    FixedWeights strategy(weights, 7);
    BarAccount account(market, scores, strategy, account_settings, {local_disk(), folder.path()},
                       testing::brokers().get("paper").factory, clock);
    account.step();
  }
  const auto books = AccountDatabase(folder.path() / kAccountBooks).read();
  testing::expect_same_books(expected, books);
  EXPECT_EQ(said(books), said(expected));
  std::ifstream audit(folder.path() / kAccountAudit);
  std::size_t lines = 0;
  for (std::string line; std::getline(audit, line);) {
    lines += nlohmann::json::parse(line).at("kind") == "account" ? 1 : 0;
  }
  EXPECT_EQ(lines, said(expected).size());
}

}  // namespace
}  // namespace orrery::margin_call_test
