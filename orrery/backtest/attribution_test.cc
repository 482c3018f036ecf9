#include "orrery/backtest/attribution.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/random.h"
#include "orrery/data/factor_returns.h"
#include "testing/shared_data.h"

namespace orrery::attribution_test {
namespace {

/// Sums of some hundred products: rounding alone, relative.
constexpr double kRounding = 1e-9;

void expect_close(double found, double expected) {
  EXPECT_NEAR(found, expected, kRounding * std::abs(expected));
}

struct Portfolio {
  std::vector<Date> dates;
  std::vector<double> net, universe, cash;

  PerformanceInputs inputs() const {
    PerformanceInputs result;
    result.dates = dates;
    result.net_returns = net;
    result.benchmark_returns = universe;
    result.cash_returns = cash;
    return result;
  }
};

/// constant + loadings · factors + RF + 0.003 sin(0.7 t + 0.1 sin t) over the file's dates within a span.
Portfolio made_from(const FactorReturns& factors, const std::vector<double>& loadings, Date first,
                    Date last) {
  Portfolio result;
  for (std::size_t row = 0; row < factors.dates.size(); ++row) {
    if (factors.dates[row] < first || last < factors.dates[row]) continue;
    const auto t = static_cast<double>(result.dates.size());
    double value = 0.0002 + factors.cash[row] + 0.003 * std::sin(0.7 * t + 0.1 * std::sin(t));
    for (std::size_t k = 0; k < loadings.size(); ++k) value += loadings[k] * factors.returns[k][row];
    result.dates.push_back(factors.dates[row]);
    result.net.push_back(value);
  }
  return result;
}

// Expected numbers: statsmodels 0.15.0 on the file's columns / 100, net as made_from says, lag 5:
//   sm.OLS(net - RF, sm.add_constant(F)).fit(cov_type="HAC", cov_kwds={"maxlags": 5})
//   .params, .tvalues, .rsquared, (252 * .mse_resid) ** 0.5, (1 + .params[0]) ** 252 - 1
TEST(Attribution, AgreesWithStatsmodelsOnTheFiveFactors) {
  ORRERY_SHARED_OR_SKIP(path, "data/macro/F-F_Research_Data_5_Factors_2x3_daily.CSV");
  const FactorReturns factors = read_factor_returns(path);
  const Portfolio own = made_from(factors, {0.9, 0.3, -0.2}, make_date(2017, 7, 3), make_date(2018, 12, 28));
  const Attribution result = attribute_returns(own.inputs(), &factors, own.dates);
  ASSERT_TRUE(result.factors.has_value());
  const double beta[] = {0.8935913512110105, 0.29534026644021166, -0.19325442754076952, 0.01776991103792644,
                         -0.028437085897976035};
  const double t[] = {69.68781220270382, 13.918392878203088, -8.466511682746187, 0.5770948197641165,
                      -0.779706428003727};
  for (std::size_t k = 0; k < 5; ++k) {
    expect_close(result.factors->loadings[k].beta, beta[k]);
    expect_close(result.factors->loadings[k].t, t[k]);
  }
  expect_close(result.factors->alpha, 0.053115302111460094);
  expect_close(result.factors->alpha_t, 1.8049835637962666);
  expect_close(result.factors->r_squared, 0.9447044041817008);
  expect_close(result.factors->residual_volatility, 0.033894446307024206);
  EXPECT_EQ(result.factors->lag, 5);
  EXPECT_EQ(result.overlap->common, 376u);
  EXPECT_TRUE(result.overlap->own_cash_rate);
}

// The same, months compounded with pandas: ((1 + net).groupby(year and month).prod() - 1), lag 3, F of the
// monthly file. Its last month is 2018-11, so that 35 of 36 months are common.
TEST(Attribution, AgreesWithStatsmodelsOnMonths) {
  ORRERY_SHARED_OR_SKIP(daily_path, "data/macro/F-F_Research_Data_5_Factors_2x3_daily.CSV");
  ORRERY_SHARED_OR_SKIP(monthly_path, "data/macro/arch_frenchdata.csv.gz");
  const FactorReturns daily = read_factor_returns(daily_path);
  const FactorReturns monthly = read_factor_returns(monthly_path);
  const Portfolio own = made_from(daily, {0.9}, make_date(2016, 1, 4), make_date(2018, 12, 28));
  const Attribution result = attribute_returns(own.inputs(), &monthly, own.dates);
  ASSERT_TRUE(result.factors.has_value());
  const double beta[] = {0.9250385554191518, -0.09660744998120152, -0.0048738416750273295};
  for (std::size_t k = 0; k < 3; ++k) expect_close(result.factors->loadings[k].beta, beta[k]);
  expect_close(result.factors->alpha, 0.05073089367976458);
  expect_close(result.factors->alpha_t, 8.182181567145467);
  expect_close(result.factors->residual_volatility, 0.018004104774255958);
  EXPECT_EQ(result.overlap->run_periods, 36u);
  EXPECT_EQ(result.overlap->common, 35u);
}

TEST(Attribution, CountsOnlyMonthsThatAreWhole) {
  FactorReturns factors;
  factors.frequency = FactorReturns::Frequency::kMonthly;
  factors.names = {"a"};
  factors.dates = {make_date(2018, 1, 1), make_date(2018, 2, 1), make_date(2018, 3, 1)};
  factors.returns = {{0.1, 0.2, 0.3}};
  Portfolio own;
  own.dates = {make_date(2018, 1, 31), make_date(2018, 2, 1), make_date(2018, 2, 2), make_date(2018, 3, 1)};
  own.net = {0.1, 0.1, 0.1, 0.1};
  std::vector<Date> sessions = own.dates;
  sessions.insert(sessions.begin(), make_date(2018, 1, 30));  // January has one more
  const Attribution result = attribute_returns(own.inputs(), &factors, sessions);
  EXPECT_EQ(result.overlap->run_periods, 2u);
  EXPECT_EQ(result.overlap->common, 2u);
  EXPECT_FALSE(result.factors.has_value());  // too few
}

/// A file that ends before the run is told, not failed on; the universe needs no file.
TEST(Attribution, SaysWhenNothingOverlaps) {
  FactorReturns factors;
  factors.names = {"a"};
  factors.dates = {make_date(2010, 1, 4), make_date(2010, 1, 5)};
  factors.returns = {{0.1, 0.2}};
  Portfolio own;
  Random random(5);
  for (int t = 0; t < 60; ++t) {
    own.dates.push_back(make_date(2018, 1, 2) + t);
    own.universe.push_back(0.01 * random.normal());
    own.cash.push_back(0.0001);
    own.net.push_back(0.5 * own.universe.back() + 0.002 * random.normal());
  }
  const Attribution result = attribute_returns(own.inputs(), &factors, own.dates);
  EXPECT_FALSE(result.factors.has_value());
  EXPECT_EQ(result.overlap->common, 0u);
  EXPECT_EQ(result.overlap->run_periods, 60u);
  EXPECT_FALSE(attribute_returns(own.inputs(), nullptr, own.dates).overlap.has_value());

  // Against the universe it says what measure_performance says, by another way of computing it.
  const Performance performance = measure_performance(own.inputs());
  expect_close(result.universe.alpha, performance.alpha);
  expect_close(result.universe.alpha_t, performance.alpha_t);
  expect_close(result.universe.loadings.front().beta, performance.beta);
}

}  // namespace
}  // namespace orrery::attribution_test
