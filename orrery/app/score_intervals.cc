#include "orrery/app/score_intervals.h"

#include <algorithm>
#include <cmath>
#include <span>

#include "orrery/base/statistics.h"
#include "orrery/base/threads.h"

namespace orrery {
namespace {

constexpr std::size_t kVolatilitySessions = 60;
constexpr std::size_t kFewestReturns = 20;
constexpr std::size_t kRollingSessions = 20;

/// One instrument's returns from row to row; known[r] of them are finite on the rows up to and with r.
struct KnownReturns {
  std::vector<double> values;
  std::vector<std::size_t> known;
};

KnownReturns known_returns(const Panel& close, std::size_t instrument) {
  KnownReturns result;
  result.known.resize(close.rows());
  for (std::size_t row = 1; row < close.rows(); ++row) {
    const double change = close(row, instrument) / close(row - 1, instrument) - 1.0;
    if (std::isfinite(change)) result.values.push_back(change);
    result.known[row] = result.values.size();
  }
  return result;
}

}  // namespace

Panel trailing_volatility(const Panel& close, const Panel& scores, int threads) {
  Panel volatility(close.rows(), close.columns());
  parallel_for(close.columns(), threads, [&](std::size_t i) {
    KnownReturns returns;
    for (std::size_t row = 0; row < close.rows(); ++row) {
      if (!std::isfinite(scores(row, i))) continue;
      if (returns.known.empty()) returns = known_returns(close, i);
      const std::size_t first = returns.known[row - std::min(row, kVolatilitySessions)];
      const std::size_t count = returns.known[row] - first;
      if (count < kFewestReturns) continue;
      const double deviation = standard_deviation(std::span(returns.values).subspan(first, count));
      if (deviation > 0.0) volatility(row, i) = deviation;
    }
  });
  return volatility;
}

int outcome_span(const Study& study) {
  const bool own = !study.label.expression.expression.empty();
  return own ? study.label.span_rows : study.backtest.delay + 1;
}

namespace {

std::vector<double> finite_cells(const Panel& panel, std::size_t row) {
  std::vector<double> cells;
  for (std::size_t i = 0; i < panel.columns(); ++i) {
    if (std::isfinite(panel(row, i))) cells.push_back(panel(row, i));
  }
  return cells;
}

void find_extremes(IntervalCoverage& coverage) {
  coverage.rolling = static_cast<int>(kRollingSessions);
  for (std::size_t end = kRollingSessions; end <= coverage.daily.size(); ++end) {
    const auto last = coverage.daily.begin() + static_cast<std::ptrdiff_t>(end);
    const double share =
        mean(std::vector<double>(last - static_cast<std::ptrdiff_t>(kRollingSessions), last));
    if (!(share >= coverage.lowest)) coverage.lowest = share;
    if (!(share <= coverage.highest)) coverage.highest = share;
  }
}

}  // namespace

ReturnIntervals score_intervals(const Study& study, const MarketData& market, const Panel& scores,
                                const Panel& forward_return, int threads) {
  IntervalSpec spec;
  spec.coverage = study.intervals.coverage;
  spec.window = study.intervals.window;
  spec.label_span_rows = outcome_span(study);
  return return_intervals(scores, forward_return, trailing_volatility(market.field("close"), scores, threads),
                          spec);
}

UncertaintyPanels panels_of(const ReturnIntervals& intervals, const Panel* deviations) {
  return {&intervals.expected, &intervals.lower, &intervals.upper, deviations};
}

IntervalCoverage interval_coverage(const ReturnIntervals& intervals, const IntervalChoice& choice,
                                   const std::vector<Date>& dates) {
  IntervalCoverage coverage;
  coverage.target = choice.coverage;
  coverage.method = choice.method == IntervalMethod::kSplit       ? IntervalCoverage::Method::kSplit
                    : choice.method == IntervalMethod::kQuantiles ? IntervalCoverage::Method::kQuantiles
                                                                  : IntervalCoverage::Method::kAdaptive;
  coverage.window = choice.window;
  std::vector<double> half_widths;
  std::vector<double> spreads;
  double covered = 0.0;
  double falling = 0.0;
  for (const auto& session : intervals.sessions) {
    if (session.intervals == 0) continue;
    coverage.dates.push_back(dates[session.row]);
    coverage.daily.push_back(session.covered);
    coverage.intervals += session.intervals;
    falling += session.slope < 0.0 ? 1.0 : 0.0;
    covered += session.covered * static_cast<double>(session.intervals);
    if (std::isfinite(session.mean_width)) half_widths.push_back(session.mean_width / 2.0);
    spreads.push_back(standard_deviation(finite_cells(intervals.expected, session.row)));
  }
  if (coverage.intervals == 0) return coverage;
  coverage.covered = covered / static_cast<double>(coverage.intervals);
  // Only adaptive intervals have a line a session.
  if (coverage.method == IntervalCoverage::Method::kAdaptive)
    coverage.falling = falling / static_cast<double>(coverage.dates.size());
  coverage.half_width = mean(drop_missing(half_widths));
  coverage.estimate_spread = mean(drop_missing(spreads));
  find_extremes(coverage);
  return coverage;
}

}  // namespace orrery
