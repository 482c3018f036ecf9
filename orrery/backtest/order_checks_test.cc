#include <gtest/gtest.h>

#include "orrery/backtest/backtest.h"
#include "orrery/backtest/history.h"
#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/execution/pretrade_checks.h"
#include "testing/scripted_strategy.h"
#include "testing/small_market.h"

namespace orrery::order_checks_test {
namespace {

using testing::make_market;
using testing::ScriptedStrategy;
using testing::to_cash_share;
using testing::to_weight;

BacktestResult run(const MarketData& market, ScriptedStrategy strategy, const PretradeSettings& checks,
                   FillPrice price = FillPrice::kClose) {
  BacktestConfig config;
  config.initial_cash = 10'000.0;
  config.price = price;
  config.order_checks = [&](std::span<const std::string> symbols) {
    return std::make_unique<PretradeChecks>(checks, symbols);
  };
  const Panel scores(market.rows(), market.instruments(), 0.0);
  BacktestResult result = run_backtest(market, scores, strategy, config);
  const auto books = verify_journal(trades_table(result), positions_table(result), equity_table(result));
  EXPECT_TRUE(books.verified()) << books.summary();
  return result;
}

TEST(OrderChecks, ARefusedOrderIsNeverSentAndStandsInBothTables) {
  const MarketData market = make_market({{"A", {10.0, 10.0, 10.0}}, {"B", {10.0, 10.0, 10.0}}});
  PretradeSettings checks;
  checks.max_shares = 300.0;
  const auto result = run(market, ScriptedStrategy({{0, {to_weight(0, 0.5), to_weight(1, 0.2)}}}), checks);
  ASSERT_EQ(result.journal.size(), 2u);  // the deposit, and B
  EXPECT_EQ(result.journal[1].instrument, 1u);
  ASSERT_EQ(result.unfilled.size(), 1u);
  EXPECT_EQ(result.unfilled[0].reason, UnfilledReason::kRefused);
  EXPECT_EQ(result.unfilled[0].quantity, to_quantity(500));
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].rule, "max_shares");
  EXPECT_EQ(result.findings[0].figures, "500 shares; at most 300");
  EXPECT_EQ(result.findings[0].order_id, result.unfilled[0].order_id);
  EXPECT_EQ(order_checks_table(result).rows(), 1u);
}

TEST(OrderChecks, LooseChecksLeaveTheTradesAsTheyAre) {
  const MarketData market = make_market({{"A", {10.0, 11.0, 12.0, 9.0}}, {"B", {10.0, 9.0, 9.5, 9.0}}});
  const ScriptedStrategy strategy({{0, {to_weight(0, 0.5), to_cash_share(1, 0.4)}},
                                   {1, {to_weight(0, -0.3), to_weight(1, 0.1)}},
                                   {2, {to_weight(0, 0.0)}}});
  PretradeSettings checks;
  checks.price_collar = 0.5;
  checks.max_notional = 1e6;
  checks.rate = RateLimit{100};
  checks.duplicate_seconds = 80'000.0;
  const auto checked = run(market, strategy, checks);
  BacktestConfig config;
  config.initial_cash = 10'000.0;
  ScriptedStrategy again = strategy;
  const auto free = run_backtest(market, Panel(market.rows(), market.instruments(), 0.0), again, config);
  EXPECT_TRUE(checked.findings.empty());
  ASSERT_EQ(checked.journal.size(), free.journal.size());
  for (std::size_t i = 0; i < free.journal.size(); ++i) {
    EXPECT_EQ(checked.journal[i].quantity, free.journal[i].quantity);
    EXPECT_EQ(checked.journal[i].value, free.journal[i].value);
  }
}

// A falls by 20 % between its close and the next open.
MarketData gapping_market() {
  MarketData market = make_market({{"A", {10.0, 9.0, 9.0}}});
  market.raw.at("open")(1, 0) = 8.0;
  return market;
}

TEST(OrderChecks, TheCollarHoldsTheOpenAgainstTheLastClose) {
  PretradeSettings checks;
  checks.price_collar = 0.15;
  const ScriptedStrategy strategy({{0, {to_weight(0, 0.5)}}});
  const auto result = run(gapping_market(), strategy, checks);
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].figures, "the price 8 is -20.00 % from the last close 10; at most 15 %");
}

TEST(OrderChecks, AnOrderForTheOpenKnowsNoPriceForTheCollar) {
  PretradeSettings checks;
  checks.price_collar = 0.15;
  const ScriptedStrategy strategy({{0, {to_weight(0, 0.5)}}});
  EXPECT_TRUE(run(gapping_market(), strategy, checks, FillPrice::kOpen).findings.empty());
}

TEST(OrderChecks, TheLastCloseCountsInSharesOfTheSession) {
  MarketData market = make_market({{"A", {10.0, 5.0, 5.0}}});
  market.split_ratio(1, 0) = 2.0;
  PretradeSettings checks;
  checks.price_collar = 0.01;
  EXPECT_TRUE(run(market, ScriptedStrategy({{0, {to_weight(0, 0.5)}}}), checks).findings.empty());
  const Panel scores(3, 1, 0.0);
  HistoryFeed feed(market, scores, {});
  feed.open({1, market.dates[1]});
  EXPECT_EQ(feed.known_prices(0).last_close, 5.0);
  market.raw.at("close")(1, 0) = testing::kNoBar;
  feed.open({2, market.dates[2]});
  EXPECT_EQ(feed.known_prices(0).last_close, 5.0);
}

TEST(OrderChecks, ARefusedSaleLeavesItsMoneyOutOfThePurchases) {
  const MarketData market = make_market({{"A", {10.0, 10.0, 10.0}}, {"B", {10.0, 10.0, 10.0}}});
  PretradeSettings checks;
  checks.rate = RateLimit{1, 86'400.0};  // one order a session
  const auto result =
      run(market, ScriptedStrategy({{0, {to_weight(0, 1.0)}}, {1, {to_weight(0, 0.0), to_weight(1, 0.5)}}}),
          checks);
  ASSERT_EQ(result.journal.size(), 3u);
  EXPECT_EQ(result.journal[2].side, OrderSide::kSell);
  ASSERT_EQ(result.findings.size(), 1u);
  EXPECT_EQ(result.findings[0].rule, "order_rate");
  EXPECT_EQ(result.findings[0].side, OrderSide::kBuy);
}

}  // namespace
}  // namespace orrery::order_checks_test
