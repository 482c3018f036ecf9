#pragma once

#include <cstddef>
#include <limits>
#include <span>

namespace orrery {

/// Whether scores rank returns less well than they did. Each session's rank IC is one value; NaN: not
/// computable.
struct IcDecay {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  std::size_t reference_days = 0;
  std::size_t recent_days = 0;
  double reference_mean = kMissing;
  double recent_mean = kMissing;
  double change = kMissing;    ///< recent_mean - reference_mean
  double change_t = kMissing;  ///< it over the root of both means' squared Newey-West standard errors
  double recent_t = kMissing;  ///< recent_mean over its own Newey-West standard error
};

/// Compares daily (rank) ICs of two spans that do not overlap. `return_sessions`: how many sessions a day's
/// returns span, 1 or more; neighbouring days share all but one of them. Missing: NaN days are left out. Lags
/// by the rule of Newey and West (1994), each span's own, and at least return_sessions - 1. A span of fewer
/// than 20 days, or than 10 × return_sessions, gives t values of NaN: its standard error would be too small.
IcDecay measure_ic_decay(std::span<const double> reference, std::span<const double> recent,
                         int return_sessions = 1);

}  // namespace orrery
