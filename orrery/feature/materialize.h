#pragma once

#include <optional>

#include "orrery/feature/point_in_time.h"

namespace orrery {

struct MaterializeOptions {
  Timestamp now = {};         ///< sessions that are not known by then are left out
  std::optional<Date> until;  ///< no later session than this
  int threads = 0;            ///< 0: all cores; never changes a bit
};

/// Computes the newest values of a view's symbols: each at its last bar, as it was after that session. Names
/// whose last bar is expired by the newest session keep its date and have no values.
/// Look-ahead: none (sessions known at `now`, at most `until`). Errors: kNotFound where there is no such
/// session; as check_factors.
ViewValues newest_values(const ViewDefinition& view, const MarketData& market,
                         const MaterializeOptions& options, Progress& progress = silent_progress());

}  // namespace orrery
