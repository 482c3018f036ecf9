#include "orrery/report/risk_report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "orrery/ml/outcome_bootstrap.h"

namespace orrery::risk_report_test {
namespace {

constexpr std::size_t kPeriods = 700;

PositionReport made_up_positions() {
  PositionReport positions;
  positions.benchmark = "SPX<1>";
  positions.deviation = 0.012;
  positions.beta = 0.94;
  positions.lines = {{"LONG<b>", 0.6, {0.011, 0.0066, 0.55}, 0.011, 1.2, 2.5, 10.0},
                     {"SHORT", -0.4, {-0.009, 0.0036, 0.45}, 0.009, 0.7, std::nan(""), std::nullopt}};
  positions.concentration = measure_concentration(std::vector<double>{0.6, -0.4});
  positions.correlations = {60, 70, 0.31, 0.42, 0.66, 0.23};
  positions.correlation_stress = {0.012, 0.016, 0.021};
  positions.gaps = {0, 0.05, 0.08};
  positions.largest_gap = "LONG<b>";
  positions.shocks = {{"market -20.0 %", 0.188}};
  positions.liquidity = LiquidityReport{1e6, 0.1, 0.25, {1.0, 5.0}, {0.4, 0.9}, {0.1, 0.5}};
  return positions;
}

RiskReport made_up_report() {
  RiskReport report;
  report.title = "made-up <book>";
  report.banner = "SIMULATED DATA";
  report.source = "prices.csv";
  report.window = 250;
  Random random(1);
  for (std::size_t t = 0; t < kPeriods; ++t) {
    report.dates.push_back(make_date(2018, 1, 2) + static_cast<int>(t));
    report.returns.push_back(0.0004 + 0.01 * random.normal());
  }
  report.first = report.dates.front();
  report.last = report.dates.back();
  report.periods = kPeriods;
  TailBacktestSettings settings;
  settings.simulations = 500;
  settings.tail.draws = 2'000;
  for (const TailMethod method : kTailMethods) {
    report.tails.push_back(measure_tail_risk(report.returns, method, settings.tail));
    report.backtests.push_back(backtest_tail_risk(report.returns, method, settings));
  }
  PerformanceInputs inputs;
  inputs.dates = report.dates;
  inputs.net_returns = report.returns;
  report.performance = measure_performance(inputs);
  BlockBootstrapOptions options;
  options.draws = 200;
  report.outcomes = bootstrap_outcomes(report.returns, 252, options);
  report.windows = replay_windows(report.dates, report.returns);
  report.positions = made_up_positions();
  report.notes = {"A note with <angles>."};
  return report;
}

TEST(RiskReport, IsWrittenWhole) {
  const auto report = made_up_report();
  const auto page = render_risk_report(report);
  EXPECT_EQ(page, render_risk_report(report));
  for (const char* part : {"made-up &lt;book&gt;", "A note with &lt;angles&gt;.", "SIMULATED DATA",
                           "LONG&lt;b&gt;", "SPX&lt;1&gt;", "Volmageddon", "market -20.0 %", "Cornish–Fisher",
                           "450 forecasts", "4.5", "tail-forecasts", "outcome-fan"}) {
    EXPECT_NE(page.find(part), std::string::npos) << part;
  }
  EXPECT_EQ(page.find("LONG<b>"), std::string::npos);
  if (const char* file = std::getenv("ORRERY_REPORT_FIXTURE")) write_file_atomically(file, page);
}

TEST(RiskReport, ARunWithoutPositionsHasNone) {
  auto report = made_up_report();
  report.positions.reset();
  report.backtests.clear();
  const auto page = render_risk_report(report);
  for (const char* part :
       {"id=\"positions\"", "id=\"liquidity\"", "id=\"tests\"", "data-chart=\"tail-forecasts\""}) {
    EXPECT_EQ(page.find(part), std::string::npos) << part;
  }
  EXPECT_NE(page.find("id=\"stress\""), std::string::npos);
}

TEST(RiskReport, TheSentenceSaysWhatWasExpectedAndFound) {
  auto report = made_up_report();
  TailBacktest& backtest = report.backtests.front();
  backtest.exceptions = test_exceptions(std::vector<std::uint8_t>(510, 1), 0.01, {});
  EXPECT_EQ(backtest_sentence(backtest),
            "historical: 510 exceptions in 510 forecasts, 5.1 expected: rejected as too many (p = 0.000; 2 "
            "to 10 are not "
            "rejected)");
}

}  // namespace
}  // namespace orrery::risk_report_test
