// What holds for any strategy, market and scores: no look into the future, the same answer every time, the
// order of symbols only in ties. And a slow reference that shares nothing with the engine.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>

#include "orrery/backtest/backtest.h"
#include "plugins/strategies/registry.h"
#include "testing/hedged_pairs.h"
#include "testing/shared_data.h"
#include "testing/small_market.h"

namespace orrery::engine_properties_test {
namespace {

const StrategyRegistry& registry() {
  static const StrategyRegistry strategies = [] {
    StrategyRegistry made("strategy");
    plugins::strategies::register_all(made);
    return made;
  }();
  return strategies;
}

BacktestResult run(const MarketData& market, const Panel& scores, const std::string& name,
                   const BacktestConfig& config) {
  ParameterMap parameters = testing::hedged_neighbours(registry().get(name).info, market.symbols);
  if (name == "topk_dropout") parameters = {{"k", std::int64_t{8}}, {"drop", std::int64_t{2}}};
  const auto strategy = make_strategy(registry(), name, parameters);
  return run_backtest(market, scores, *strategy, config);
}

BacktestConfig usual_config() {
  BacktestConfig config;
  config.costs = {5.0, 5.0, 0.0};
  config.max_volume_share = 0.5;
  config.unknown_delisting_return = -0.3;
  return config;
}

/// The market as it was known after the first `rows` sessions.
MarketData truncate(const MarketData& market, std::size_t rows) {
  const auto cut = [&](const auto& panel) {
    auto result = std::decay_t<decltype(panel)>(rows, panel.columns());
    for (std::size_t t = 0; t < rows; ++t)
      std::copy_n(panel.row_data(t), panel.columns(), result.row_data(t));
    return result;
  };
  MarketData result = market;
  result.dates.resize(rows);
  result.present = cut(market.present);
  result.dividend = cut(market.dividend);
  result.split_ratio = cut(market.split_ratio);
  for (auto& [name, panel] : result.raw) panel = cut(market.raw.at(name));
  for (auto& [name, panel] : result.fields) panel = cut(market.fields.at(name));
  std::erase_if(result.delistings, [&](const Delisting& record) { return record.row >= rows; });
  std::erase_if(result.funding, [&](const FundingPayment& payment) { return payment.row >= rows; });
  return result;
}

Panel truncate(const Panel& panel, std::size_t rows) {
  Panel result(rows, panel.columns());
  for (std::size_t t = 0; t < rows; ++t) std::copy_n(panel.row_data(t), panel.columns(), result.row_data(t));
  return result;
}

class EngineWith : public ::testing::TestWithParam<std::string> {};

TEST_P(EngineWith, AddedSessionsDoNotChangeThePast) {
  MarketData market = testing::make_random_market(120, 40, 3, 0.05);
  market.delistings.push_back({4, 70, -0.3, "performance"});
  market.split_ratio(60, 7) = 2.0;
  market.dividend(61, 8) = 1.0;
  testing::add_random_funding(market, 5);
  const Panel scores = testing::make_random_scores(market, 4);
  const BacktestResult whole = run(market, scores, GetParam(), usual_config());
  for (const std::size_t rows :
       {std::size_t{2}, std::size_t{59}, std::size_t{60}, std::size_t{61}, std::size_t{119}}) {
    const BacktestResult part =
        run(truncate(market, rows), truncate(scores, rows), GetParam(), usual_config());
    ASSERT_EQ(part.daily.size(), rows);
    for (std::size_t t = 0; t < rows; ++t) {
      ASSERT_EQ(part.daily[t].equity, whole.daily[t].equity) << rows << " " << t;
      ASSERT_EQ(part.daily[t].cash, whole.daily[t].cash);
    }
    for (std::size_t i = 0; i < part.weights.size(); ++i) {
      ASSERT_EQ(part.weights[i].instrument, whole.weights[i].instrument);
      ASSERT_EQ(part.weights[i].weight, whole.weights[i].weight);
    }
  }
}

TEST_P(EngineWith, TradesOfASessionDoNotDependOnItsScores) {
  const MarketData market = testing::make_random_market(60, 40, 13);
  const Panel scores = testing::make_random_scores(market, 14);
  Panel changed = scores;
  const Panel others = testing::make_random_scores(market, 15);
  for (std::size_t t = 30; t < 60; ++t)
    std::copy_n(others.row_data(t), others.columns(), changed.row_data(t));
  const BacktestResult before = run(market, scores, GetParam(), usual_config());
  const BacktestResult after = run(market, changed, GetParam(), usual_config());
  // Scores of session 30 are known after its close: its own trades come from session 29.
  for (std::size_t t = 0; t <= 30; ++t) ASSERT_EQ(before.daily[t].equity, after.daily[t].equity);
  EXPECT_NE(before.daily[31].cash, after.daily[31].cash);
}

TEST_P(EngineWith, GivesTheSameAnswerTwice) {
  const MarketData market = testing::make_random_market(80, 40, 23, 0.02);
  const Panel scores = testing::make_random_scores(market, 24);
  const BacktestResult first = run(market, scores, GetParam(), usual_config());
  const BacktestResult second = run(market, scores, GetParam(), usual_config());
  ASSERT_EQ(first.journal.size(), second.journal.size());
  for (std::size_t i = 0; i < first.journal.size(); ++i) {
    ASSERT_EQ(first.journal[i].quantity, second.journal[i].quantity);
    ASSERT_EQ(first.journal[i].instrument, second.journal[i].instrument);
  }
}

TEST_P(EngineWith, CostsOnlyTakeAway) {
  const MarketData market = testing::make_random_market(100, 40, 33);
  const Panel scores = testing::make_random_scores(market, 34);
  BacktestConfig config = usual_config();
  double before = std::numeric_limits<double>::infinity();
  for (const double bps : {0.0, 5.0, 50.0}) {
    config.costs = {bps, 0.0, 0.0};
    const BacktestResult result = run(market, scores, GetParam(), config);
    EXPECT_LT(result.daily.back().equity.units(), before);
    before = result.daily.back().equity.units();
    for (const DailyRow& row : result.daily) EXPECT_GE(row.cash, Money{});
  }
}

INSTANTIATE_TEST_SUITE_P(Strategies, EngineWith, ::testing::ValuesIn(registry().names()),
                         [](const auto& test) { return test.param; });

/// Equal weights on the best part, every session, with proportional costs: a loop over doubles and maps,
/// written for clarity alone. Sizes come from the decision's closes, fills at the next close, sales before
/// purchases.
class SlowTopQuantile {
 public:
  SlowTopQuantile(const MarketData& market, const Panel& scores, double cash, double cost)
      : market_(market), scores_(scores), cash_(cash), cost_(cost) {}

  std::vector<double> run(double quantile, double invest) {
    std::vector<double> equity;
    std::map<std::size_t, double> wanted;
    bool decided = false;
    for (std::size_t t = 0; t < market_.rows(); ++t) {
      if (decided) trade(t, wanted);
      remember_prices(t);
      equity.push_back(value());
      wanted = decide(t, quantile, invest);
      decided = true;
    }
    return equity;
  }

 private:
  double close(std::size_t t, std::size_t name) const { return market_.raw.at("close")(t, name); }

  void trade(std::size_t t, const std::map<std::size_t, double>& wanted) {
    for (const bool buying : {false, true}) {
      for (std::size_t name = 0; name < market_.instruments(); ++name) {
        const double target = wanted.contains(name) ? wanted.at(name) : 0.0;
        const double change = target - held_[name];
        if (std::isnan(close(t, name)) || change == 0.0 || (change > 0.0) != buying) continue;
        held_[name] += change;
        cash_ -= change * close(t, name) + std::abs(change) * close(t, name) * cost_;
      }
    }
  }

  void remember_prices(std::size_t t) {
    for (std::size_t name = 0; name < market_.instruments(); ++name) {
      if (!std::isnan(close(t, name))) price_[name] = close(t, name);
    }
  }

  double value() const {
    double sum = cash_;
    for (const auto& [name, shares] : held_) {
      if (shares != 0.0) sum += shares * price_.at(name);
    }
    return sum;
  }

  std::map<std::size_t, double> decide(std::size_t t, double quantile, double invest) {
    std::vector<std::pair<double, std::size_t>> ranked;
    for (std::size_t name = 0; name < market_.instruments(); ++name) {
      if (!std::isnan(scores_(t, name)) && !std::isnan(close(t, name)))
        ranked.push_back({-scores_(t, name), name});
    }
    std::sort(ranked.begin(), ranked.end());
    ranked.resize(static_cast<std::size_t>(quantile * static_cast<double>(ranked.size()) + 1e-9));
    std::map<std::size_t, double> wanted;
    double stuck = 0.0;
    for (const auto& [name, shares] : held_) {
      if (shares == 0.0 || !std::isnan(close(t, name))) continue;
      wanted[name] = shares;
      stuck += shares * price_.at(name) / value();
    }
    for (const auto& [score, name] : ranked) {
      const double weight = std::max(0.0, invest - stuck) / static_cast<double>(ranked.size());
      wanted[name] = weight * value() / close(t, name);
    }
    return wanted;
  }

  const MarketData& market_;
  const Panel& scores_;
  double cash_;
  double cost_;
  std::map<std::size_t, double> held_;
  std::map<std::size_t, double> price_;
};

// Half the account is invested, so that cash, which the reference does not watch, never runs out.
TEST(SlowReference, AgreesOnTopQuantile) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const MarketData market = testing::make_random_market(150, 30, seed, 0.03);
    const Panel scores = testing::make_random_scores(market, seed + 100);
    BacktestConfig config;
    config.costs = {5.0, 5.0, 0.0};
    const auto strategy = make_strategy(registry(), "top_quantile", {{"quantile", 0.2}, {"invest", 0.5}});
    const BacktestResult fast = run_backtest(market, scores, *strategy, config);
    const auto slow = SlowTopQuantile(market, scores, 1e6, 0.001).run(0.2, 0.5);
    for (const UnfilledOrder& order : fast.unfilled) ASSERT_EQ(order.reason, UnfilledReason::kHalted);
    for (std::size_t t = 0; t < slow.size(); ++t) {
      // Micro-shares cut off at each trade, of prices up to some hundreds, and their effect on later sizes.
      ASSERT_NEAR(fast.daily[t].equity.units(), slow[t], 0.05) << "seed " << seed << ", session " << t;
    }
  }
}

}  // namespace
}  // namespace orrery::engine_properties_test
