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

/// Compares daily (rank) ICs of two spans that do not overlap. Missing: NaN days are left out. Lags by the
/// rule of Newey and West (1994), each span's own. Too few days (2 for a standard error) give NaN.
IcDecay measure_ic_decay(std::span<const double> reference, std::span<const double> recent);

}  // namespace orrery
