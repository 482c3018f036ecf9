#include "orrery/backtest/backtest.h"

#include <gtest/gtest.h>

#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "testing/scripted_strategy.h"
#include "testing/small_market.h"

namespace orrery {
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

}  // namespace
}  // namespace orrery
