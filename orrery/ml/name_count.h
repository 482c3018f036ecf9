#pragma once

#include <limits>

#include "orrery/market/factor_frame.h"
#include "orrery/market/panel.h"

namespace orrery {

/// How many names a session of the universe has, in the mean. NaN: not computable.
struct NameCount {
  double reference = std::numeric_limits<double>::quiet_NaN();
  double recent = std::numeric_limits<double>::quiet_NaN();
  /// The smallest of any block of the reference, as many sessions as the recent ones; NaN with fewer than
  /// FeatureDrift::kFewestBlocks whole blocks.
  double smallest_before = std::numeric_limits<double>::quiet_NaN();

  double fall() const { return 1.0 - recent / reference; }  ///< since the reference, as a share of it
  double fall_before() const { return 1.0 - smallest_before / reference; }
};

/// Counts the eligible names of two ranges of sessions. Look-ahead: reads these ranges alone.
NameCount count_names(const MaskPanel& eligible, RowRange reference, RowRange recent);

}  // namespace orrery
