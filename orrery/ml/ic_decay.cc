#include "orrery/ml/ic_decay.h"

#include <cmath>
#include <vector>

#include "orrery/base/statistics.h"

namespace orrery {
namespace {

double standard_error_of(const std::vector<double>& days) {
  if (days.size() < 2) return IcDecay::kMissing;
  return newey_west_standard_error(days, newey_west_lag(days.size()));
}

}  // namespace

IcDecay measure_ic_decay(std::span<const double> reference, std::span<const double> recent) {
  const auto before = drop_missing(reference);
  const auto now = drop_missing(recent);
  const double before_error = standard_error_of(before);
  const double now_error = standard_error_of(now);
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
