#include "orrery/backtest/exposure.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/backtest/backtest.h"
#include "orrery/market/market_data.h"
#include "testing/small_market.h"

namespace orrery::exposure_test {
namespace {

/// Two ways to add up some hundred products.
constexpr double kRounding = 1e-9;

std::vector<double> universe_of(const MarketData& market) {
  const Panel& close = market.field("close");
  std::vector<double> returns(market.rows(), 0.0);
  for (std::size_t row = 1; row < market.rows(); ++row) {
    double sum = 0.0;
    int names = 0;
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      const double change = close(row, i) / close(row - 1, i) - 1.0;
      if (std::isnan(change)) continue;
      sum += change;
      ++names;
    }
    returns[row] = names > 0 ? sum / names : 0.0;
  }
  return returns;
}

/// The textbook's two passes over the window itself.
double slow_beta(const Panel& close, const std::vector<double>& universe, std::size_t row, std::size_t i) {
  std::vector<double> x, y;
  for (std::size_t r = row + 1 > kBetaSessions ? row + 1 - kBetaSessions : 0; r <= row; ++r) {
    if (r == 0) continue;
    const double change = close(r, i) / close(r - 1, i) - 1.0;
    if (std::isnan(change)) continue;
    x.push_back(universe[r]);
    y.push_back(change);
  }
  if (x.size() < kFewestBetaReturns) return Panel::missing();
  double x_mean = 0.0, y_mean = 0.0, covariance = 0.0, variance = 0.0;
  for (std::size_t t = 0; t < x.size(); ++t) {
    x_mean += x[t] / static_cast<double>(x.size());
    y_mean += y[t] / static_cast<double>(x.size());
  }
  for (std::size_t t = 0; t < x.size(); ++t) {
    covariance += (x[t] - x_mean) * (y[t] - y_mean);
    variance += (x[t] - x_mean) * (x[t] - x_mean);
  }
  return covariance / variance;
}

TEST(TrailingBetas, AgreeWithTheSlowReference) {
  const MarketData market = testing::make_random_market(400, 7, 3, 0.1);
  const auto universe = universe_of(market);
  const Panel betas = trailing_betas(market.field("close"), universe, 50);
  for (std::size_t row = 0; row < market.rows(); row += 7) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      const double expected =
          row < 50 ? Panel::missing() : slow_beta(market.field("close"), universe, row, i);
      ASSERT_EQ(std::isnan(betas(row, i)), std::isnan(expected)) << row << " " << i;
      if (std::isnan(expected)) continue;
      EXPECT_NEAR(betas(row, i), expected, kRounding) << row << " " << i;
    }
  }
}

TEST(SizeScores, AreTheZScoresOfTheLogarithm) {
  // Constant prices of 10, 100 and 1000 and one volume: logarithms log(10) apart, z-scores -√1.5, 0, √1.5.
  MarketData market = testing::make_market({{"A", std::vector<double>(30, 10.0)},
                                            {"B", std::vector<double>(30, 100.0)},
                                            {"C", std::vector<double>(30, 1000.0)},
                                            {"D", std::vector<double>(30, 1e6)}});
  MaskPanel eligible(30, 4, 1);
  for (std::size_t row = 0; row < 30; ++row) eligible(row, 3) = 0;
  const auto scores = size_scores(market, eligible, 25);
  EXPECT_NEAR(scores[0], -std::sqrt(1.5), 1e-12);
  EXPECT_NEAR(scores[1], 0.0, 1e-12);
  EXPECT_NEAR(scores[2], std::sqrt(1.5), 1e-12);
  EXPECT_TRUE(std::isnan(scores[3]));
}

BacktestResult holding(const MarketData& market, std::size_t first, std::size_t end) {
  BacktestResult result;
  for (std::size_t row = first; row < end; ++row) {
    DailyRow day;
    day.date = market.dates[row];
    day.equity = to_money(1000.0);
    result.daily.push_back(day);
    // Three quarters of the equity in A, a quarter in C.
    const auto mark = to_money(10.0);
    result.positions.push_back({day.date, 0, to_quantity(75.0), mark});
    result.positions.push_back({day.date, 2, to_quantity(25.0), mark});
  }
  return result;
}

TEST(Exposure, WeighsTheHoldings) {
  const MarketData market = testing::make_random_market(200, 5, 9);
  const MaskPanel eligible(200, 5, 1);
  const auto universe = universe_of(market);
  const Exposure found = measure_exposure(market, eligible, holding(market, 150, 200), universe);
  ASSERT_EQ(found.dates.size(), 50u);
  const auto size = size_scores(market, eligible, 170);
  EXPECT_NEAR(found.size[20], 0.75 * size[0] + 0.25 * size[2], kRounding);
  const Panel betas = trailing_betas(market.field("close"), universe, 150);
  EXPECT_NEAR(found.beta[20], 0.75 * betas(170, 0) + 0.25 * betas(170, 2), kRounding);
  // The names' returns add up to the universe's, and so do their betas.
  for (const double beta : found.universe_beta) EXPECT_NEAR(beta, 1.0, kRounding);
}

/// A name without a score takes part as the others do: the one known holding stands for all.
TEST(Exposure, ScalesOverWhatIsNotKnown) {
  const MarketData market = testing::make_random_market(200, 5, 9);
  MaskPanel eligible(200, 5, 1);
  for (std::size_t row = 0; row < 200; ++row) eligible(row, 2) = 0;
  const Exposure found = measure_exposure(market, eligible, holding(market, 150, 200), universe_of(market));
  EXPECT_NEAR(found.size[20], size_scores(market, eligible, 170)[0], kRounding);
}

/// Cutting the future off leaves every exposure as it was, to the bit.
TEST(Exposure, DoesNotLookAhead) {
  const MarketData whole = testing::make_random_market(200, 5, 9, 0.05);
  const MarketData cut = [&] {
    MarketData shorter = whole;
    Panel close = whole.field("close");
    for (std::size_t row = 181; row < 200; ++row) {
      for (std::size_t i = 0; i < 5; ++i) close(row, i) *= 3.0 + static_cast<double>(row);
    }
    shorter.fields.at("close") = close;
    shorter.raw.at("close") = close;
    return shorter;
  }();
  const MaskPanel eligible(200, 5, 1);
  const auto a = measure_exposure(whole, eligible, holding(whole, 150, 181), universe_of(whole));
  const auto b = measure_exposure(cut, eligible, holding(whole, 150, 181), universe_of(cut));
  EXPECT_EQ(a.size, b.size);
  EXPECT_EQ(a.beta, b.beta);
  EXPECT_EQ(a.universe_beta, b.universe_beta);
}

TEST(Exposure, OfCashAloneIsMissing) {
  const MarketData market = testing::make_random_market(200, 5, 9);
  BacktestResult result = holding(market, 150, 152);
  result.positions.erase(result.positions.begin(), result.positions.begin() + 2);
  const Exposure found = measure_exposure(market, MaskPanel(200, 5, 1), result, universe_of(market));
  EXPECT_TRUE(std::isnan(found.beta[0]));
  EXPECT_FALSE(std::isnan(found.beta[1]));
}

TEST(Exposure, OfNothingIsEmpty) {
  const MarketData market = testing::make_random_market(80, 3, 1);
  const MaskPanel eligible(80, 3, 1);
  EXPECT_TRUE(measure_exposure(market, eligible, {}, universe_of(market)).dates.empty());
}

}  // namespace
}  // namespace orrery::exposure_test
