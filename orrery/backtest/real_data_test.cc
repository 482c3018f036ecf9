// The engine on the main study's own prices, with yesterday's losers as scores.
#include <gtest/gtest.h>

#include <cmath>

#include "orrery/backtest/backtest.h"
#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/data/prices.h"
#include "plugins/strategies/registry.h"
#include "testing/hedged_pairs.h"
#include "testing/shared_data.h"

namespace orrery::real_data_test {
namespace {

/// Minus the return of the last five sessions.
Panel reversal_scores(const MarketData& market) {
  const Panel& close = market.field("close");
  Panel scores(market.rows(), market.instruments());
  for (std::size_t t = 5; t < market.rows(); ++t) {
    for (std::size_t i = 0; i < market.instruments(); ++i) scores(t, i) = 1.0 - close(t, i) / close(t - 5, i);
  }
  return scores;
}

TEST(RealData, BooksOfFourYearsAreRebuiltToTheMicroUnit) {
  ORRERY_SHARED_OR_SKIP(path, "data/daily_sp500_2015_2018/ohlcv.parquet");
  PriceSource source;
  source.path = path;
  const MarketData market = load_prices(source).market;
  const Panel scores = reversal_scores(market);
  StrategyRegistry registry("strategy");
  plugins::strategies::register_all(registry);
  for (const std::string& name : registry.names()) {
    for (const bool fractional : {true, false}) {
      SCOPED_TRACE(name);
      BacktestConfig config;
      config.initial_cash = 1e8;
      config.costs = {5.0, 5.0, 0.0};
      config.fractional = fractional;
      config.max_volume_share = 0.1;
      const auto strategy =
          make_strategy(registry, name, testing::hedged_neighbours(registry.get(name).info, market.symbols));
      const BacktestResult result = run_backtest(market, scores, *strategy, config);
      const auto books = verify_journal(trades_table(result), positions_table(result), equity_table(result));
      EXPECT_TRUE(books.verified()) << books.summary();
      EXPECT_TRUE(verify_prices(positions_table(result), market).empty());
      EXPECT_GT(result.journal.size(), 5000u);
      EXPECT_GT(result.dividends, Money{});
      for (const DailyRow& row : result.daily) {
        ASSERT_LT(std::abs(row.net_return), 0.2) << to_string(row.date);
        ASSERT_NEAR(row.net_return, row.gross_return, 0.01);
      }
    }
  }
}

}  // namespace
}  // namespace orrery::real_data_test
