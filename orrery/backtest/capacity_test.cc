#include "orrery/backtest/capacity.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "orrery/backtest/backtest.h"
#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/market/market_data.h"
#include "testing/small_market.h"

namespace orrery::capacity_test {
namespace {

constexpr double kRounding = 1e-9;

/// A run of 300 sessions with a drift of `drift` a session and five trades in each.
struct MadeRun {
  std::vector<Date> dates;
  std::vector<double> net, universe;
  std::vector<ImpactTrade> trades;

  explicit MadeRun(double drift) {
    Random random(17);
    for (std::size_t t = 0; t < 300; ++t) {
      dates.push_back(make_date(2018, 1, 2) + static_cast<int>(t));
      net.push_back(drift + 0.01 * random.normal());
      universe.push_back(0.0001 + 0.008 * random.normal());
      for (int k = 0; k < 5; ++k) {
        trades.push_back({t, 0.01 + 0.02 * random.uniform(), 1e7 * (1.0 + 9.0 * random.uniform()),
                          0.01 + 0.02 * random.uniform()});
      }
    }
  }
  PerformanceInputs inputs() const {
    PerformanceInputs result;
    result.dates = dates;
    result.net_returns = net;
    result.benchmark_returns = universe;
    return result;
  }
};

/// Trade by trade, in currency: the value at these assets, the cost of it, the session's return after it.
std::vector<double> slow_net(const MadeRun& run, double assets, double coefficient) {
  std::vector<double> net = run.net;
  for (const ImpactTrade& trade : run.trades) {
    const double value = trade.equity_share * assets;
    const double cost = value * coefficient * trade.volatility * std::sqrt(value / trade.daily_value);
    net[trade.period] -= cost / assets;
  }
  return net;
}

double slow_sharpe(const std::vector<double>& returns) {
  const auto n = static_cast<double>(returns.size());
  const double mean = std::accumulate(returns.begin(), returns.end(), 0.0) / n;
  double squares = 0.0;
  for (const double value : returns) squares += (value - mean) * (value - mean);
  return mean / std::sqrt(squares / (n - 1.0)) * std::sqrt(252.0);
}

double slow_annual(const std::vector<double>& returns) {
  double growth = 1.0;
  for (const double value : returns) growth *= 1.0 + value;
  return std::pow(growth, 252.0 / static_cast<double>(returns.size())) - 1.0;
}

TEST(Capacity, AgreesWithTheSlowReference) {
  const MadeRun run(0.001);
  const Capacity found = measure_capacity(run.inputs(), run.trades, 0.8);
  ASSERT_EQ(found.points.size(), 9u);
  EXPECT_EQ(found.points.front().assets, 1e6);
  EXPECT_EQ(found.points.back().assets, 1e10);
  for (const CapacityPoint& point : found.points) {
    if (point.annual_return == -1.0) continue;
    const auto net = slow_net(run, point.assets, 0.8);
    EXPECT_NEAR(point.sharpe, slow_sharpe(net), kRounding) << point.assets;
    EXPECT_NEAR(point.annual_return, slow_annual(net), kRounding) << point.assets;
    EXPECT_NEAR(point.excess_annual_return, slow_annual(net) - slow_annual(run.universe), kRounding);
    const double cost =
        std::accumulate(run.net.begin(), run.net.end(), 0.0) - std::accumulate(net.begin(), net.end(), 0.0);
    EXPECT_NEAR(point.impact_annual, cost / 300.0 * 252.0, kRounding);
  }
}

TEST(Capacity, FindsTheAssetsAtWhichTheResultIsGone) {
  const MadeRun run(0.001);
  const Capacity found = measure_capacity(run.inputs(), run.trades, 1.0);
  EXPECT_NEAR(slow_sharpe(slow_net(run, found.assets_at_half_sharpe, 1.0)), 0.5 * found.sharpe, kRounding);
  EXPECT_NEAR(slow_annual(slow_net(run, found.assets_at_no_excess, 1.0)), slow_annual(run.universe),
              kRounding);
  // Costs go with coefficient × sqrt(assets): twice the coefficient is a quarter of the assets.
  const Capacity twice = measure_capacity(run.inputs(), run.trades, 2.0);
  EXPECT_NEAR(twice.assets_at_half_sharpe * 4.0 / found.assets_at_half_sharpe, 1.0, kRounding);
}

TEST(Capacity, HasNoAmountForALossOrWithoutImpact) {
  const MadeRun loss(-0.001);
  const Capacity lost = measure_capacity(loss.inputs(), loss.trades, 1.0);
  EXPECT_LT(lost.sharpe, 0.0);
  EXPECT_TRUE(std::isnan(lost.assets_at_half_sharpe));
  EXPECT_TRUE(std::isnan(lost.assets_at_no_excess));
  const MadeRun gain(0.001);
  const Capacity free = measure_capacity(gain.inputs(), gain.trades, 0.0);
  EXPECT_TRUE(std::isinf(free.assets_at_half_sharpe));
  EXPECT_THROW(measure_capacity(gain.inputs(), gain.trades, -1.0), Error);
}

TEST(Capacity, LeavesOutTradesWithoutHistoryAndSaysSo) {
  MadeRun run(0.001);
  const Capacity before = measure_capacity(run.inputs(), run.trades, 1.0);
  run.trades.push_back({3, 0.5, Panel::missing(), 0.01});
  run.trades.push_back({4, 0.5, 0.0, 0.01});
  const Capacity found = measure_capacity(run.inputs(), run.trades, 1.0);
  EXPECT_EQ(found.trades, 1502u);
  EXPECT_EQ(found.trades_without_history, 2u);
  EXPECT_EQ(found.points[4].sharpe, before.points[4].sharpe);
  EXPECT_EQ(found.points[4].median_participation, before.points[4].median_participation);
}

BacktestResult one_trade(const MarketData& market, std::size_t first, std::size_t row) {
  BacktestResult result;
  result.initial_cash = to_money(1000.0);
  for (std::size_t r = first; r < market.rows(); ++r) {
    DailyRow day;
    day.date = market.dates[r];
    day.equity = to_money(2000.0);
    result.daily.push_back(day);
  }
  JournalEntry entry;
  entry.session = {row, market.dates[row]};
  entry.instrument = 1;
  entry.value = to_money(500.0);
  result.journal.push_back(entry);
  entry.kind = EntryKind::kDividend;
  result.journal.push_back(entry);
  return result;
}

TEST(ImpactTrades, LookAtTheTwentySessionsBefore) {
  const MarketData market = testing::make_random_market(80, 3, 5);
  const auto trades = impact_trades(market, one_trade(market, 30, 60));
  ASSERT_EQ(trades.size(), 1u);  // a dividend is no trade
  EXPECT_EQ(trades[0].period, 30u);
  EXPECT_DOUBLE_EQ(trades[0].equity_share, 0.25);
  const Panel& close = market.raw_field("close");
  double value = 0.0;
  std::vector<double> returns;
  for (std::size_t row = 40; row < 60; ++row) {
    value += close(row, 1) * 1e9 / 20.0;
    returns.push_back(close(row, 1) / close(row - 1, 1) - 1.0);
  }
  const double mean = std::accumulate(returns.begin(), returns.end(), 0.0) / 20.0;
  double squares = 0.0;
  for (const double r : returns) squares += (r - mean) * (r - mean);
  EXPECT_NEAR(trades[0].daily_value, value, 1e-6 * value);
  EXPECT_NEAR(trades[0].volatility, std::sqrt(squares / 19.0), 1e-12);
  // On the first session the equity before is the initial cash.
  EXPECT_DOUBLE_EQ(impact_trades(market, one_trade(market, 30, 30))[0].equity_share, 0.5);
}

TEST(ImpactTrades, DoNotLookAhead) {
  const MarketData market = testing::make_random_market(80, 3, 5);
  MarketData changed = market;
  Panel close = market.field("close");
  for (std::size_t row = 60; row < 80; ++row) close(row, 1) *= 7.0;
  changed.fields.at("close") = close;
  changed.raw.at("close") = close;
  const auto a = impact_trades(market, one_trade(market, 30, 60));
  const auto b = impact_trades(changed, one_trade(market, 30, 60));
  EXPECT_EQ(a[0].daily_value, b[0].daily_value);
  EXPECT_EQ(a[0].volatility, b[0].volatility);
}

}  // namespace
}  // namespace orrery::capacity_test
