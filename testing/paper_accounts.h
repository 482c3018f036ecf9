#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "orrery/backtest/bar_account.h"
#include "orrery/execution/pretrade_checks.h"
#include "plugins/brokers/registry.h"
#include "plugins/rules/registry.h"
#include "plugins/strategies/registry.h"
#include "testing/small_market.h"

namespace orrery::testing {

/// A market with everything that happens to positions, scores, and the settings of a costly exchange.
struct EventfulMarket {
  MarketData market;
  Panel scores;
  BacktestConfig config;
};

inline EventfulMarket make_eventful_market(std::size_t rows, std::size_t columns, std::uint64_t seed) {
  EventfulMarket made{make_random_market(rows, columns, seed, 0.05), {}, {}};
  Random random(seed + 1);
  for (std::size_t t = 1; t < rows; ++t) {
    if (random.below(4) == 0) made.market.split_ratio(t, random.below(columns)) = 1.5;
    if (random.below(3) == 0) made.market.dividend(t, random.below(columns)) = 0.25;
  }
  made.market.delistings.push_back({2, rows / 2, -0.3, "performance"});
  made.market.delistings.push_back({5, rows / 3, 0.0, "merger"});
  add_random_funding(made.market, seed + 2);
  made.scores = make_random_scores(made.market, seed + 3);
  made.config.costs = {5.0, 5.0, 1.0};
  made.config.max_volume_share = 0.5;
  made.config.unknown_delisting_return = -0.3;
  made.config.financing.borrow = 0.03;
  made.config.financing.cash = 0.02;
  made.config.financing.loan = 0.06;
  made.config.ladder.emplace();
  made.config.ladder->confirm_after = 3;
  made.config.order_checks = [](std::span<const std::string> symbols) {
    PretradeSettings settings;
    settings.restricted = {"S003"};
    settings.rate = RateLimit{5};
    return std::make_unique<PretradeChecks>(settings, symbols);
  };
  return made;
}

inline const BrokerRegistry& brokers() {
  static const BrokerRegistry all = [] {
    BrokerRegistry made("broker");
    plugins::brokers::register_all(made);
    return made;
  }();
  return all;
}

/// Two brokers on paper, of which the first charges less, with parts of the cash as given.
inline RouteTerms two_paper_venues(double near_cash = 1.0, double far_cash = 1.0, double far_bps = 12.0) {
  RouteTerms routes;
  routes.venues.resize(2);
  routes.venues[0] = {.name = "near", .broker = "paper", .cash = near_cash, .commission_bps = 10.0};
  routes.venues[1] = {.name = "far", .broker = "paper", .cash = far_cash, .commission_bps = far_bps};
  return routes;
}

inline const RuleRegistry& rules() {
  static const RuleRegistry all = [] {
    RuleRegistry made("rule");
    plugins::rules::register_all(made);
    return made;
  }();
  return all;
}

inline std::unique_ptr<Strategy> make_strategy_named(std::string_view name, const ParameterMap& settings) {
  static const StrategyRegistry all = [] {
    StrategyRegistry made("strategy");
    plugins::strategies::register_all(made);
    return made;
  }();
  return make_strategy(all, name, settings);
}

/// Holds the ten best of the scores, two changed a session.
inline std::unique_ptr<Strategy> make_busy_strategy() {
  return make_strategy_named("topk_dropout", {{"k", std::int64_t{10}}, {"drop", std::int64_t{2}}});
}

/// Expects two books to be the same to the micro-unit.
inline void expect_same_books(const BacktestResult& expected, const BacktestResult& found) {
  ASSERT_EQ(expected.journal.size(), found.journal.size());
  const auto symbol = [](const BacktestResult& result, std::uint32_t instrument) {
    return instrument == kNoInstrument ? std::string() : result.symbols[instrument];
  };
  for (std::size_t i = 0; i < expected.journal.size(); ++i) {
    const JournalEntry& left = expected.journal[i];
    const JournalEntry& right = found.journal[i];
    ASSERT_EQ(left.session.date, right.session.date) << i;
    ASSERT_EQ(left.kind, right.kind) << i;
    ASSERT_EQ(symbol(expected, left.instrument), symbol(found, right.instrument)) << i;
    ASSERT_EQ(left.order_id, right.order_id) << i;
    ASSERT_EQ(left.quantity, right.quantity) << i;
    ASSERT_EQ(left.value, right.value) << i;
    ASSERT_EQ(left.commission, right.commission) << i;
    ASSERT_EQ(left.realised, right.realised) << i;
    ASSERT_EQ(left.rate, right.rate) << i;
    ASSERT_EQ(left.reason, right.reason) << i;
  }
  ASSERT_EQ(expected.daily.size(), found.daily.size());
  for (std::size_t t = 0; t < expected.daily.size(); ++t) {
    ASSERT_EQ(expected.daily[t].equity, found.daily[t].equity) << t;
    ASSERT_EQ(expected.daily[t].cash, found.daily[t].cash) << t;
    ASSERT_EQ(expected.daily[t].funding, found.daily[t].funding) << t;
    ASSERT_EQ(expected.daily[t].financing, found.daily[t].financing) << t;
    ASSERT_EQ(expected.daily[t].turnover_two_way, found.daily[t].turnover_two_way) << t;
  }
  ASSERT_EQ(expected.weights.size(), found.weights.size());
  for (std::size_t i = 0; i < expected.weights.size(); ++i) {
    ASSERT_EQ(expected.weights[i].weight, found.weights[i].weight) << i;
    ASSERT_EQ(expected.weights[i].reason, found.weights[i].reason) << i;
  }
  ASSERT_EQ(expected.unfilled.size(), found.unfilled.size());
  ASSERT_EQ(expected.findings.size(), found.findings.size());
  for (std::size_t i = 0; i < expected.findings.size(); ++i) {
    ASSERT_EQ(expected.findings[i].figures, found.findings[i].figures) << i;
  }
  ASSERT_EQ(expected.positions.size(), found.positions.size());
  ASSERT_EQ(expected.risk_events.size(), found.risk_events.size());
  for (std::size_t i = 0; i < expected.risk_events.size(); ++i) {
    ASSERT_EQ(expected.risk_events[i].cause, found.risk_events[i].cause) << i;
  }
}

}  // namespace orrery::testing
