#include "orrery/risk/correlation_change.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/portfolio/unit_series.h"

namespace orrery {
namespace {

/// NaN where a name does not move.
double mean_correlation(const ReturnTable& returns, std::span<const std::size_t> names,
                        std::span<const std::size_t> periods) {
  if (names.size() < 2 || periods.size() < 2) return kNaN;
  std::vector<double> sum(periods.size(), 0.0), unit(periods.size());
  for (const std::size_t name : names) {
    for (std::size_t k = 0; k < periods.size(); ++k) unit[k] = returns(periods[k], name);
    if (!make_unit_series(unit)) return kNaN;
    for (std::size_t k = 0; k < unit.size(); ++k) sum[k] += unit[k];
  }
  return mean_pair_correlation(sum, static_cast<double>(names.size()));
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
