#include "orrery/risk/correlation_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

/// Returns a name's returns of some periods, less their mean, scaled to a length of 1; NaN where they don't
/// move.
std::vector<double> unit_series(const ReturnTable& returns, std::size_t name,
                                std::span<const std::size_t> periods) {
  std::vector<double> series;
  series.reserve(periods.size());
  for (const std::size_t t : periods) series.push_back(returns(t, name));
  const bool moves = standard_deviation(series) > 0.0;
  const double center = mean(series);
  double squares = 0.0;
  for (double& value : series) {
    value -= center;
    squares += value * value;
  }
  for (double& value : series) value = moves ? value / std::sqrt(squares) : kNaN;
  return series;
}

/// Of unit vectors the sum of all pairs' products is (|Σu|² − n) / 2, so that no pair is visited.
double mean_correlation(const ReturnTable& returns, std::span<const std::size_t> names,
                        std::span<const std::size_t> periods) {
  if (names.size() < 2 || periods.size() < 2) return kNaN;
  std::vector<double> sum(periods.size(), 0.0);
  for (const std::size_t name : names) {
    const auto unit = unit_series(returns, name, periods);
    for (std::size_t k = 0; k < unit.size(); ++k) sum[k] += unit[k];
  }
  const double length = std::inner_product(sum.begin(), sum.end(), sum.begin(), 0.0);
  const auto n = static_cast<double>(names.size());
  return (length - n) / (n * (n - 1.0));
}

}  // namespace

CorrelationChange measure_correlation_change(const ReturnTable& returns, std::span<const std::size_t> names,
                                             std::span<const double> whole, std::size_t recent_periods,
                                             double tail_share) {
  if (whole.size() != returns.periods || names.empty() || !(tail_share > 0.0 && tail_share <= 0.5)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("correlations of {} names over {} periods, sorted by {} returns, with tails of {}; "
                    "a return for each period and a tail above 0 and at most 0.5 are needed",
                    names.size(), returns.periods, whole.size(), tail_share));
  }
  CorrelationChange change;
  change.recent_periods = std::min(recent_periods, returns.periods);
  change.tail_periods = static_cast<std::size_t>(tail_share * static_cast<double>(returns.periods));
  std::vector<std::size_t> periods(returns.periods);
  std::iota(periods.begin(), periods.end(), std::size_t{0});
  const std::span<const std::size_t> in_time(periods);
  const std::size_t before = returns.periods - change.recent_periods;
  change.history = mean_correlation(returns, names, in_time.first(before));
  change.recent = mean_correlation(returns, names, in_time.last(change.recent_periods));
  std::stable_sort(periods.begin(), periods.end(),
                   [&](std::size_t left, std::size_t right) { return whole[left] < whole[right]; });
  change.down = mean_correlation(returns, names, in_time.first(change.tail_periods));
  change.up = mean_correlation(returns, names, in_time.last(change.tail_periods));
  return change;
}

}  // namespace orrery
