#include "orrery/report/trust.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "orrery/report/metrics.h"
#include "orrery/report/study_report.h"
#include "testing/report_fixture.h"

namespace orrery::trust_test {
namespace {

// Expected numbers of this file: numpy 2.2.6 and scipy on the arrays below, with
//   n = r - t * c * 1e-4; n.mean() / n.std(ddof=1) * 252**0.5; np.prod(1 + n)**(252 / 8) - 1
//   scipy.optimize.brentq(lambda c: np.prod(1 + r - t * c) - growth, -1, 1, xtol=1e-15) * 1e4
//   s, k, w, T = n.mean() / n.std(ddof=1), stats.kurtosis(n, fisher=False), stats.skew(n), 8
//   v = 1 - w * s + (k - 1) / 4 * s**2; stats.norm.cdf(s * (T - 1)**0.5 / v**0.5)
//   l = (1 / (T - 1))**0.5 * ((1 - e) * norm.ppf(1 - 1 / N) + e * norm.ppf(1 - 1 / (N * np.e))), e =
//   np.euler_gamma stats.norm.cdf((s - l) * (T - 1)**0.5 / v**0.5); 1 + v * (stats.norm.ppf(0.95) / s)**2
const std::vector<double> kGross = {0.010, -0.004, 0.006, 0.002, -0.008, 0.012, 0.001, -0.003};
const std::vector<double> kTurnover = {1.0, 0.2, 0.2, 0.1, 0.3, 0.2, 0.0, 0.2};
const std::vector<double> kBenchmark = {0.002, -0.001, 0.001, 0.0, -0.002, 0.003, 0.001, 0.0};
const CostInputs kInputs{kGross, kTurnover, 252.0};

/// Sums of eight numbers and roots of them: rounding alone.
constexpr double kRounding = 1e-12;

struct Series {
  std::vector<Date> dates;
  std::vector<double> net;
  PerformanceInputs inputs;

  explicit Series(double cost_bps) {
    for (std::size_t t = 0; t < kGross.size(); ++t) {
      dates.push_back(make_date(2018, 1, 2) + static_cast<int>(t));
      net.push_back(kGross[t] - kTurnover[t] * cost_bps * 1e-4);
    }
    inputs.dates = dates;
    inputs.net_returns = net;
    inputs.gross_returns = kGross;
    inputs.benchmark_returns = kBenchmark;
    inputs.turnover = kTurnover;
  }
};

Trust trust_at(double cost_bps, int trials) {
  const Series series(cost_bps);
  return measure_trust({}, measure_performance(series.inputs), series.inputs, trials);
}

TEST(ApplyCost, AgreesWithNumpy) {
  const double sharpe[] = {4.542199791661351, 4.2639480307242845, 3.979477948061134, 3.3926655273615536};
  const double annual[] = {0.6456474439205069, 0.5898409693731379, 0.5359119584097121, 0.4334377595513803};
  for (std::size_t i = 0; i < reported_costs_bps().size(); ++i) {
    const CostScenario scenario = apply_cost(kInputs, reported_costs_bps()[i]);
    EXPECT_NEAR(scenario.sharpe, sharpe[i], kRounding);
    EXPECT_NEAR(scenario.annual_return, annual[i], kRounding);
  }
}

TEST(ApplyCost, AtTheRunsOwnCostIsItsPerformance) {
  const Series series(10.0);
  const Performance performance = measure_performance(series.inputs);
  const CostScenario scenario = apply_cost(kInputs, 10.0);
  EXPECT_NEAR(scenario.sharpe, performance.sharpe, kRounding);
  EXPECT_NEAR(scenario.annual_return, performance.annual_return, kRounding);
}

TEST(BreakEvenCost, AgreesWithScipy) {
  double growth = 1.0;
  for (const double value : kBenchmark) growth *= 1.0 + value;
  EXPECT_NEAR(break_even_cost(kInputs, 1.0), 72.05608821137969, 1e-9);  // brentq's own tolerance
  EXPECT_NEAR(break_even_cost(kInputs, growth), 53.903309389964754, 1e-9);
}

TEST(BreakEvenCost, LeavesNothingWhenPaid) {
  const CostScenario scenario = apply_cost(kInputs, break_even_cost(kInputs, 1.0));
  EXPECT_NEAR(scenario.annual_return, 0.0, kRounding);
}

TEST(BreakEvenCost, IsNegativeForALossAndMissingWithoutTrades) {
  std::vector<double> losses = kGross;
  for (double& value : losses) value -= 0.01;
  EXPECT_LT(break_even_cost({losses, kTurnover, 252.0}, 1.0), 0.0);
  const std::vector<double> idle(kGross.size(), 0.0);
  EXPECT_TRUE(std::isnan(break_even_cost({kGross, idle, 252.0}, 1.0)));
  EXPECT_TRUE(std::isnan(break_even_cost({}, 1.0)));
}

TEST(MeasureTrust, OneTrialIsProbabilisticAndNotDeflated) {
  const Trust trust = trust_at(10.0, 1);
  EXPECT_NEAR(trust.probabilistic_sharpe, 0.7467558593356343, kRounding);
  EXPECT_NEAR(trust.minimum_track_record, 43.91444838276206, 1e-10);
  EXPECT_EQ(trust.luck_sharpe, 0.0);
  EXPECT_TRUE(std::isnan(trust.deflated_sharpe));
}

TEST(MeasureTrust, ManyTrialsDeflate) {
  const Trust trust = trust_at(10.0, 20);
  EXPECT_NEAR(trust.probabilistic_sharpe, 0.7467558593356343, kRounding);
  EXPECT_NEAR(trust.luck_sharpe, 11.404247707087194, 1e-11);
  EXPECT_NEAR(trust.deflated_sharpe, 0.10758818703804729, kRounding);
}

TEST(MeasureTrust, NoTrackRecordIsLongEnoughForALoss) {
  EXPECT_EQ(trust_at(200.0, 1).minimum_track_record, std::numeric_limits<double>::infinity());
}

TEST(MeasureTrust, NothingIsMeasuredFromNothing) {
  const Trust trust = measure_trust({}, {}, {}, 3);
  EXPECT_TRUE(std::isnan(trust.probabilistic_sharpe));
  EXPECT_TRUE(std::isnan(trust.detectable_ic));
  EXPECT_TRUE(std::isnan(trust.break_even_cost_bps));
  EXPECT_TRUE(trust.costs.empty());
}

TEST(TrustMetrics, AreFlatAndDescribed) {
  const Trust trust = trust_at(10.0, 20);
  std::size_t costs = 0;
  for (const Metric& metric : flatten_metrics(nullptr, nullptr, nullptr, &trust)) {
    EXPECT_FALSE(metric.description.empty()) << metric.key;
    EXPECT_FALSE(metric.source.empty()) << metric.key;
    if (metric.key == "sharpe_at_5_bps") {
      ++costs;
      EXPECT_NEAR(std::get<double>(metric.value), 4.2639480307242845, kRounding);
    }
  }
  EXPECT_EQ(costs, 1u);
}

TEST(TrustSection, NamesTheSharpeRatioByTheTrials) {
  StudyReport report = testing::ReportFixture().make();
  const std::string one = render_study_report(report);
  EXPECT_NE(one.find("How far can this be believed"), std::string::npos);
  EXPECT_NE(one.find("<dt>Probabilistic Sharpe ratio</dt>"), std::string::npos);
  EXPECT_EQ(one.find("<dt>Deflated Sharpe ratio</dt>"), std::string::npos);
  report.trust->trials = 12;
  const std::string many = render_study_report(report);
  EXPECT_NE(many.find("<dt>Deflated Sharpe ratio</dt>"), std::string::npos);
  EXPECT_NE(many.find("the best of 12 variants"), std::string::npos);
}

}  // namespace
}  // namespace orrery::trust_test
