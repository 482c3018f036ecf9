#include "orrery/backtest/restated_prices.h"

#include <gtest/gtest.h>

#include "testing/scripted_strategy.h"
#include "testing/small_market.h"

namespace orrery::restated_prices_test {
namespace {

using testing::make_market;
using testing::ScriptedStrategy;
using testing::to_weight;

MarketData four_days() {
  MarketData market =
      make_market({{"A", {10.0, 11.0, 12.0, testing::kNoBar}}, {"B", {20.0, 21.0, 22.0, 23.0}}});
  market.dividend = Panel(market.rows(), market.instruments(), 0.0);
  market.dividend(2, 0) = 0.5;
  return market;
}

BacktestResult books_of(const MarketData& market) {
  ScriptedStrategy strategy({{0, {to_weight(0, 0.5)}}});
  return run_backtest(market, Panel(market.rows(), market.instruments(), 0.0), strategy, {});
}

TEST(RestatedPrices, AreNoneWhereNothingChangedOrGrew) {
  const MarketData market = four_days();
  EXPECT_TRUE(find_restated_prices(books_of(market), market).empty()) << "a halted day has no close";
}

TEST(RestatedPrices, AreNamedWithDayNameAndBothValues) {
  MarketData market = four_days();
  const BacktestResult books = books_of(market);
  market.raw.at("close")(2, 0) = 12.5;
  market.raw.at("close")(1, 1) = 99.0;  // nobody held it
  market.dividend(2, 0) = 0.25;
  const auto found = find_restated_prices(books, market);
  ASSERT_EQ(found.size(), 2u);
  EXPECT_EQ(describe(found[0]),
            "A on " + to_string(market.dates[2]) + ": close 12 was booked, the data now have 12.5");
  EXPECT_EQ(describe(found[1]),
            "A on " + to_string(market.dates[2]) + ": dividend 0.5 was booked, the data now have 0.25");
}

TEST(RestatedPrices, LeaveOutDaysAndNamesThatAreGone) {
  const MarketData market = four_days();
  const BacktestResult books = books_of(market);
  MarketData later = make_market({{"B", {20.0, 21.0}}});
  EXPECT_TRUE(find_restated_prices(books, later).empty());
}

}  // namespace
}  // namespace orrery::restated_prices_test
