#include "orrery/backtest/backtest.h"

#include <gtest/gtest.h>

#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "testing/scripted_strategy.h"
#include "testing/small_market.h"

namespace orrery::backtest_test {
namespace {

using testing::kNoBar;
using testing::make_market;
using testing::ScriptedStrategy;
using testing::to_cash_share;
using testing::to_hold;
using testing::to_weight;

BacktestResult run(const MarketData& market, ScriptedStrategy strategy, const BacktestConfig& config) {
  const Panel scores(market.rows(), market.instruments(), 0.0);
  BacktestResult result = run_backtest(market, scores, strategy, config);
  const auto books = verify_journal(trades_table(result), positions_table(result), equity_table(result));
  EXPECT_TRUE(books.verified()) << books.summary();
  EXPECT_TRUE(verify_prices(positions_table(result), market).empty());
  return result;
}

BacktestConfig small_account() {
  BacktestConfig config;
  config.initial_cash = 10'000.0;
  return config;
}

// Worked by hand. Cash 10,000; commission 5 bp, at least 1.00; slippage 5 bp.
//
// Session 1 (A 10.00, B 20.00): decide A 50 % -> 5000 / 10 = 500 shares; B 25 % -> 2500 / 20 = 125 shares.
// Session 2 (A 10.10, B 19.50): buy 500 A = 5050.00, commission 5050 × 0.0005 = 2.525, slippage 2.525;
//   buy 125 B = 2437.50, commission 1.21875, slippage 1.21875.
//   Cash 10000 - 5050 - 5.05 - 2437.5 - 2.4375 = 2505.0125; equity + 5050 + 2437.5 = 9992.5125.
//   Decide: A closed; B kept.
// Session 3 (A 10.20, B 19.00): sell 500 A = 5100.00, commission 2.55, slippage 2.55.
//   Cash 2505.0125 + 5100 - 5.1 = 7599.9125; equity + 125 × 19 = 9974.9125. Realised 5100 - 5050 = 50.
//   Decide: B closed, A for 1 % of the cash.
// Session 4 (A 10.00, B 19.20): sell 125 B = 2400, commission 1.2, slippage 1.2 -> cash 9997.5125;
//   buy A for 99.975125 / 10 = 9.9975125 -> 9.997512 shares = 99.97512, commission 1.00 (the least),
//   slippage 0.04998756 -> 0.049988 (half to even at micro-units).
//   Cash 9997.5125 - 99.97512 - 1 - 0.049988 = 9896.487392; equity + 99.97512 = 9996.462512.
TEST(Backtest, FourSessionsByHand) {
  const MarketData market = make_market({{"A", {10.0, 10.1, 10.2, 10.0}}, {"B", {20.0, 19.5, 19.0, 19.2}}});
  BacktestConfig config = small_account();
  config.costs = {5.0, 5.0, 1.0};
  const BacktestResult result = run(market,
                                    ScriptedStrategy({{0, {to_weight(0, 0.5), to_weight(1, 0.25)}},
                                                      {1, {to_weight(0, 0.0), to_hold(1)}},
                                                      {2, {to_weight(1, 0.0), to_cash_share(0, 0.01)}}}),
                                    config);
  ASSERT_EQ(result.daily.size(), 4u);
  EXPECT_EQ(result.daily[0].equity.micros, 10'000'000'000);
  EXPECT_EQ(result.daily[1].cash.micros, 2'505'012'500);
  EXPECT_EQ(result.daily[1].equity.micros, 9'992'512'500);
  EXPECT_EQ(result.daily[2].cash.micros, 7'599'912'500);
  EXPECT_EQ(result.daily[2].equity.micros, 9'974'912'500);
  EXPECT_EQ(result.daily[3].cash.micros, 9'896'487'392);
  EXPECT_EQ(result.daily[3].equity.micros, 9'996'462'512);
  EXPECT_DOUBLE_EQ(result.daily[1].turnover_two_way, 7487.5 / 10000.0);
  EXPECT_DOUBLE_EQ(result.daily[1].gross_return, 0.0);
  EXPECT_DOUBLE_EQ(result.daily[1].net_return, -7.4875 / 10000.0);
  EXPECT_EQ(result.journal.size(), 6u);  // the deposit and five fills
  EXPECT_EQ(result.journal[3].realised.micros, 50'000'000);
}

TEST(Backtest, CashThatRunsOutGoesToTheBestRank) {
  // Sized at 10.00 for all the cash; the price is 11.00 when it fills: B gets what A leaves.
  const MarketData market = make_market({{"A", {10.0, 11.0}}, {"B", {10.0, 11.0}}});
  const auto result =
      run(market, ScriptedStrategy({{0, {to_weight(1, 0.5), to_weight(0, 0.5)}}}), small_account());
  ASSERT_EQ(result.journal.size(), 3u);
  EXPECT_EQ(result.journal[1].instrument, 1u);
  EXPECT_EQ(result.journal[1].quantity, to_quantity(500));
  EXPECT_EQ(result.journal[2].quantity, to_quantity(409.090909));
  ASSERT_EQ(result.unfilled.size(), 1u);
  EXPECT_EQ(result.unfilled[0].reason, UnfilledReason::kCash);
  EXPECT_EQ(result.unfilled[0].quantity, to_quantity(90.909091));
}

TEST(Backtest, SalesPayForPurchases) {
  const MarketData market = make_market({{"A", {10.0, 10.0, 10.0}}, {"B", {10.0, 10.0, 10.0}}});
  const auto result =
      run(market, ScriptedStrategy({{0, {to_weight(0, 1.0)}}, {1, {to_weight(1, 1.0), to_weight(0, 0.0)}}}),
          small_account());
  EXPECT_EQ(result.journal[2].side, OrderSide::kSell);
  EXPECT_EQ(result.journal[3].side, OrderSide::kBuy);
  EXPECT_EQ(result.journal[3].quantity, to_quantity(1000));
}

TEST(Backtest, WholeSharesOnly) {
  const MarketData market = make_market({{"A", {30.0, 30.0}}, {"B", {70.0, 70.0}}});
  BacktestConfig config = small_account();
  config.fractional = false;
  const auto result =
      run(market, ScriptedStrategy({{0, {to_weight(0, 0.5), to_cash_share(1, 0.9)}}}), config);
  EXPECT_EQ(result.journal[1].quantity, to_quantity(166));  // 5000 / 30
  // 0.9 × 10,000 / 70 = 128 shares are wanted, and the 5020 that are left pay for 71.
  EXPECT_EQ(result.journal[2].quantity, to_quantity(71));
  EXPECT_EQ(result.unfilled[0].quantity, to_quantity(57));
}

TEST(Backtest, AHaltedNameIsNotTradedAndKeepsItsPrice) {
  const MarketData market = make_market({{"A", {10.0, 10.0, kNoBar, 12.0, 12.0}}});
  const auto result =
      run(market,
          ScriptedStrategy({{0, {to_weight(0, 0.5)}}, {1, {to_weight(0, 0.0)}}, {2, {to_weight(0, 0.0)}}}),
          small_account());
  ASSERT_EQ(result.unfilled.size(), 1u);
  EXPECT_EQ(result.unfilled[0].reason, UnfilledReason::kHalted);
  EXPECT_EQ(result.unfilled[0].session.row, 2u);
  EXPECT_EQ(result.daily[2].equity, to_money(10'000));
  EXPECT_EQ(result.journal.back().session.row, 3u);
  EXPECT_EQ(result.daily[3].equity, to_money(11'000));
}

TEST(Backtest, ANameWithoutBarsIsClosedAfterFiveSessions) {
  const MarketData market = make_market({
      {"A", {10.0, 10.0, kNoBar, kNoBar, kNoBar, kNoBar, kNoBar, kNoBar}},
      {"B", {10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0, 10.0}},
  });
  BacktestConfig config = small_account();
  config.costs.commission_bps = 10.0;
  for (const double delisting_return : {0.0, -0.3}) {
    config.unknown_delisting_return = delisting_return;
    const auto result = run(market, ScriptedStrategy({{0, {to_weight(0, 0.5)}}}), config);
    const JournalEntry& last = result.journal.back();
    EXPECT_EQ(last.kind, EntryKind::kDelisting);
    EXPECT_EQ(last.session.row, 6u);  // the fifth session without a bar
    EXPECT_EQ(last.price, to_money(10.0 * (1.0 + delisting_return)));
    EXPECT_EQ(last.commission, Money{});
    EXPECT_EQ(result.daily[5].equity, to_money(9995));
    EXPECT_EQ(result.daily[6].equity, to_money(9995 + 5000 * delisting_return));
    EXPECT_EQ(result.daily[6].positions, 0u);
    EXPECT_TRUE(result.unknown_delistings);
  }
}

TEST(Backtest, TheEndOfTheFileIsNoDelisting) {
  const MarketData market = make_market({{"A", {10.0, 10.0, kNoBar, kNoBar, kNoBar, kNoBar}}});
  const auto result = run(market, ScriptedStrategy({{0, {to_weight(0, 0.5)}}}), small_account());
  EXPECT_EQ(result.daily.back().positions, 1u);
  EXPECT_FALSE(result.unknown_delistings);
}

TEST(Backtest, DelistingRecordsCloseOnTheirSession) {
  struct Case {
    const char* reason;
    double recorded, expected_price;
    bool unknown;
  };
  for (const Case& test : {Case{"merger", 0.0, 10.0, false}, Case{"performance", -0.3, 7.0, false},
                           Case{"unknown", kNoBar, 9.0, true}}) {
    MarketData market = make_market({{"A", {10.0, 10.0, kNoBar, kNoBar}}, {"B", {5.0, 5.0, 5.0, 5.0}}});
    market.delistings.push_back({0, 2, test.recorded, test.reason});
    BacktestConfig config = small_account();
    config.unknown_delisting_return = -0.1;
    const auto result = run(market, ScriptedStrategy({{0, {to_weight(0, 0.5)}}}), config);
    EXPECT_EQ(result.journal.back().session.row, 2u);
    EXPECT_EQ(result.journal.back().price, to_money(test.expected_price));
    EXPECT_EQ(result.unknown_delistings, test.unknown);
  }
}

TEST(Backtest, AShortPositionGainsByADelisting) {
  MarketData market = make_market({{"A", {10.0, 10.0, kNoBar}}, {"B", {5.0, 5.0, 5.0}}});
  market.delistings.push_back({0, 2, -0.3, "performance"});
  const auto result = run(market, ScriptedStrategy({{0, {to_weight(0, -0.5)}}}), small_account());
  EXPECT_EQ(result.journal.back().side, OrderSide::kBuy);
  EXPECT_EQ(result.daily.back().equity, to_money(11'500));
}

TEST(Backtest, DividendsAreCreditedOnTheExDate) {
  MarketData market = make_market({{"A", {10.0, 10.0, 9.5, 9.5}}});
  market.dividend(1, 0) = 0.7;  // bought at this session's close: too late
  market.dividend(2, 0) = 0.5;
  const auto result = run(market, ScriptedStrategy({{0, {to_weight(0, 0.5)}}}), small_account());
  EXPECT_EQ(result.daily[2].equity, to_money(10'000));
  EXPECT_EQ(result.daily[2].cash, to_money(5'250));
  EXPECT_EQ(result.dividends, to_money(250));
}

TEST(Backtest, SplitsMultiplySharesAndOrdersOnTheirWay) {
  MarketData market = make_market({{"A", {10.0, 10.0, 5.0, 5.0}}});
  market.split_ratio(2, 0) = 2.0;
  // Decided before the split to hold 250 old shares, traded after it: 500 new ones.
  const auto result =
      run(market, ScriptedStrategy({{0, {to_weight(0, 0.5)}}, {1, {to_weight(0, 0.25)}}}), small_account());
  EXPECT_EQ(result.positions.back().quantity, to_quantity(500));
  EXPECT_EQ(result.daily.back().equity, to_money(10'000));
}

TEST(Backtest, SplitsMultiplyOrdersOfNamesThatAreNotHeldYet) {
  MarketData market = make_market({{"A", {10.0, 10.0, 100.0, 100.0}}});
  market.split_ratio(2, 0) = 0.1;
  // Decided at 10 to hold 500 shares, traded at 100 after ten became one: 50.
  const auto result = run(market, ScriptedStrategy({{1, {to_weight(0, 0.5)}}}), small_account());
  EXPECT_EQ(result.positions.back().quantity, to_quantity(50));
  EXPECT_EQ(result.daily.back().equity, to_money(10'000));
}

TEST(Backtest, AStrategySeesReturnsFromTheLastKnownClose) {
  class Looking final : public Strategy {
   public:
    void decide(const StrategyInput& input, Decision&) override {
      std::vector<double> returns(3);
      input.market->trailing_returns(0, returns);
      seen.push_back(returns);
    }
    std::vector<std::vector<double>> seen;
  };
  const MarketData market = make_market({{"A", {10.0, 11.0, kNoBar, 22.0}}});
  const Panel scores(market.rows(), 1, kNoBar);
  Looking strategy;
  run_backtest(market, scores, strategy, small_account());
  ASSERT_EQ(strategy.seen.size(), 4u);
  EXPECT_TRUE(std::isnan(strategy.seen[0][2])) << "no close before the first";
  EXPECT_NEAR(strategy.seen[1][2], 0.1, 1e-15);
  EXPECT_TRUE(std::isnan(strategy.seen[2][2])) << "no close";
  EXPECT_NEAR(strategy.seen[3][0], 0.1, 1e-15);
  EXPECT_TRUE(std::isnan(strategy.seen[3][1]));
  EXPECT_NEAR(strategy.seen[3][2], 1.0, 1e-15) << "over the gap";
}

TEST(Backtest, WholeShareSplitsPayFractionsInCash) {
  MarketData market = make_market({{"A", {30.0, 30.0, 20.0, 20.0}}});
  market.split_ratio(2, 0) = 1.5;
  BacktestConfig config = small_account();
  config.fractional = false;
  // 3 % of 10,000 / 30 = 10 shares less one by rounding: 0.0299 × 10,000 / 30 = 9.97 -> 9; 9 × 1.5 = 13.5.
  const auto result = run(market, ScriptedStrategy({{0, {to_weight(0, 0.0299)}}}), config);
  EXPECT_EQ(result.positions.back().quantity, to_quantity(13));
  EXPECT_EQ(result.journal.back().kind, EntryKind::kCashInLieu);
  EXPECT_EQ(result.journal.back().quantity, to_quantity(0.5));
  EXPECT_EQ(result.journal.back().price, to_money(20));
  EXPECT_EQ(result.daily.back().equity, to_money(10'000));
}

TEST(Backtest, OrdersAreCutToTheTrailingVolume) {
  // 20 sessions of 100 shares before the fill, then a day of 10,000 that must not count.
  std::vector<double> prices(22, 10.0);
  MarketData market = make_market({{"A", prices}}, 100.0);
  market.raw.at("volume")(21, 0) = 10'000.0;
  BacktestConfig config = small_account();
  config.max_volume_share = 0.25;
  config.rows = {20, 22};
  const auto result = run(market, ScriptedStrategy({{20, {to_weight(0, 0.5)}}}), config);
  EXPECT_EQ(result.journal.back().quantity, to_quantity(25));
  EXPECT_EQ(result.unfilled.back().reason, UnfilledReason::kAverageVolume);
  EXPECT_EQ(result.unfilled.back().quantity, to_quantity(475));
}

TEST(Backtest, TrailingVolumeCountsInPresentShares) {
  MarketData market = make_market({{"A", {10.0, 10.0, 5.0}}}, 100.0);
  market.split_ratio(2, 0) = 2.0;
  BacktestConfig config = small_account();
  config.max_volume_share = 1.0;
  config.max_bar_share.reset();
  const auto result = run(market, ScriptedStrategy({{1, {to_weight(0, 0.5)}}}), config);
  EXPECT_EQ(result.journal.back().quantity, to_quantity(200));
}

TEST(Backtest, ALongerDelayTradesLater) {
  const MarketData market = make_market({{"A", {10.0, 11.0, 12.0, 13.0}}, {"B", {1.0, 1.0, 1.0, 1.0}}});
  BacktestConfig config = small_account();
  config.delay = 2;
  const auto result = run(
      market, ScriptedStrategy({{0, {to_weight(0, 0.5)}}, {1, {to_hold(0), to_weight(1, 0.25)}}}), config);
  ASSERT_EQ(result.journal.size(), 3u);
  EXPECT_EQ(result.journal[1].session.row, 2u);
  EXPECT_EQ(result.journal[1].quantity, to_quantity(500));
  EXPECT_EQ(result.journal[2].session.row, 3u);
}

TEST(Backtest, ATurnFromLongToShortIsTwoOrders) {
  const MarketData market = make_market({{"A", {10.0, 10.0, 10.0, 8.0}}});
  const auto result =
      run(market, ScriptedStrategy({{0, {to_weight(0, 0.5)}}, {1, {to_weight(0, -0.5)}}}), small_account());
  ASSERT_EQ(result.journal.size(), 4u);
  EXPECT_EQ(result.journal[2].quantity, to_quantity(500));
  EXPECT_EQ(result.journal[3].quantity, to_quantity(500));
  EXPECT_EQ(result.daily.back().equity, to_money(11'000));
  EXPECT_DOUBLE_EQ(result.daily.back().short_exposure, -4000.0 / 11'000.0);
}

TEST(Backtest, TheLastDecisionIsTheRecommendation) {
  const MarketData market = make_market({{"A", {10.0, 10.0}}, {"B", {10.0, 10.0}}});
  const auto result =
      run(market, ScriptedStrategy({{0, {to_weight(0, 0.5)}}, {1, {to_weight(1, 0.5), to_weight(0, 0.0)}}}),
          small_account());
  ASSERT_EQ(result.recommendations.size(), 1u);
  EXPECT_EQ(result.recommendations[0].instrument, 1u);
  EXPECT_EQ(result.recommendations[0].date, market.dates[1]);
  EXPECT_EQ(result.weights.size(), 3u);
}

TEST(Backtest, RefusesAConfigurationThatCannotBe) {
  const MarketData market = make_market({{"A", {10.0, 10.0}}});
  const auto broken = [&](auto change) {
    BacktestConfig config = small_account();
    change(config);
    ScriptedStrategy idle({});
    const Panel scores(2, 1);
    EXPECT_THROW(run_backtest(market, scores, idle, config), Error);
  };
  broken([](BacktestConfig& config) { config.delay = 0; });
  broken([](BacktestConfig& config) { config.initial_cash = 0.0; });
  broken([](BacktestConfig& config) { config.delist_after = 0; });
  broken([](BacktestConfig& config) { config.unknown_delisting_return = -2.0; });
  broken([](BacktestConfig& config) { config.max_volume_share = 0.0; });
  broken([](BacktestConfig& config) { config.rows = {0, 3}; });
  broken([](BacktestConfig& config) { config.initial_cash = 1e14; });
  ScriptedStrategy idle({});
  EXPECT_THROW(run_backtest(market, Panel(3, 1), idle, small_account()), Error);
}

TEST(Backtest, AStrategyWithANonFiniteTargetIsADefect) {
  const MarketData market = make_market({{"A", {10.0, 10.0}}, {"B", {kNoBar, 10.0}}});
  const Panel scores(2, 2);
  for (const Target& target :
       {to_weight(0, kNoBar), to_weight(9, 0.1), to_weight(1, 0.1), to_cash_share(0, 1.5)}) {
    ScriptedStrategy strategy({{0, {target}}});
    EXPECT_THROW(run_backtest(market, scores, strategy, small_account()), Error);
  }
}

}  // namespace
}  // namespace orrery::backtest_test
