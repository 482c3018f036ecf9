#include "orrery/ml/ic_decay.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <functional>
#include <vector>

#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr std::size_t kFewestDays = 20;
constexpr std::size_t kFewestReturns = 10;  ///< that don't overlap

/// Missing for too few days, or where they don't vary.
double standard_error_of(const std::vector<double>& days, int return_sessions) {
  const auto fewest = std::max(kFewestDays, kFewestReturns * static_cast<std::size_t>(return_sessions));
  const bool vary = std::adjacent_find(days.begin(), days.end(), std::not_equal_to<>()) != days.end();
  if (days.size() < fewest || !vary) return IcDecay::kMissing;
  const int lag = std::max(newey_west_lag(days.size()), return_sessions - 1);
  return newey_west_standard_error(days, lag);
}

}  // namespace

IcDecay measure_ic_decay(std::span<const double> reference, std::span<const double> recent,
                         int return_sessions) {
  const auto before = drop_missing(reference);
  const auto now = drop_missing(recent);
  const double before_error = standard_error_of(before, return_sessions);
  const double now_error = standard_error_of(now, return_sessions);
  IcDecay decay;
  decay.reference_days = before.size();
  decay.recent_days = now.size();
  decay.reference_mean = mean(before);
  decay.recent_mean = mean(now);
  decay.change = decay.recent_mean - decay.reference_mean;
  decay.change_t = decay.change / std::hypot(before_error, now_error);
  decay.recent_t = decay.recent_mean / now_error;
  return decay;
}

}  // namespace orrery
