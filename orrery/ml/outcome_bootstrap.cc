#include "orrery/ml/outcome_bootstrap.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr std::size_t kFewestReturns = 20;
constexpr int kMostDays = 64;

/// Evenly spread, the last session among them.
std::vector<int> shown_days(int sessions) {
  const int step = (sessions + kMostDays - 1) / kMostDays;
  std::vector<int> days;
  for (int day = sessions; day > 0; day -= step) days.push_back(day);
  std::reverse(days.begin(), days.end());
  return days;
}

/// What all paths have come to by each of the shown days, and how deep they fell.
struct Paths {
  std::vector<std::vector<double>> returns;  ///< [day][draw]
  std::vector<double> falls;
};

void walk(std::span<const double> returns, const OutcomePaths& shape, Random& random, Paths& paths) {
  BlockPlaces places(returns.size(), shape.block_length, random);
  double value = 1.0;
  double highest = 1.0;
  double fall = 0.0;
  std::size_t shown = 0;
  for (int session = 1; session <= shape.sessions; ++session) {
    value *= 1.0 + returns[places.next()];
    highest = std::max(highest, value);
    fall = std::max(fall, 1.0 - value / highest);
    if (session == shape.days[shown]) paths.returns[shown++].push_back(value - 1.0);
  }
  paths.falls.push_back(fall);
}

double share_below_zero(const std::vector<double>& values) {
  const auto below = std::count_if(values.begin(), values.end(), [](double value) { return value < 0.0; });
  return static_cast<double>(below) / static_cast<double>(values.size());
}

}  // namespace

OutcomePaths bootstrap_outcomes(std::span<const double> returns, int sessions,
                                const BlockBootstrapOptions& options) {
  check_bootstrap(options);
  if (sessions < 1)
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("an outcome is of at least 1 session, found {}", sessions));
  OutcomePaths result;
  result.sessions = sessions;
  if (returns.size() < kFewestReturns) return result;
  result.draws = options.draws;
  result.block_length = options.block_length > 0.0 ? options.block_length : stationary_block_length(returns);
  result.days = shown_days(sessions);
  Paths paths;
  paths.returns.resize(result.days.size());
  Random random(options.seed);
  for (int draw = 0; draw < options.draws; ++draw) walk(returns, result, random, paths);
  for (auto& values : paths.returns) {
    std::sort(values.begin(), values.end());
    result.low.push_back(sorted_quantile(values, 0.05));
    result.lower.push_back(sorted_quantile(values, 0.25));
    result.median.push_back(sorted_quantile(values, 0.5));
    result.higher.push_back(sorted_quantile(values, 0.75));
    result.high.push_back(sorted_quantile(values, 0.95));
  }
  result.loss_probability = share_below_zero(paths.returns.back());
  result.fall_median = quantile(paths.falls, 0.5);
  result.fall_high = quantile(paths.falls, 0.95);
  return result;
}

}  // namespace orrery
