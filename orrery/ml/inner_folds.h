#pragma once

#include <vector>

#include "orrery/ml/purged_splits.h"

namespace orrery {

/// A fold that settings are judged by: purged, walking forward within a span that may be learned from.
struct InnerFold {
  LearningRows learned;
  RowRange judged;
};

/// The second half of `span` is cut into `count` blocks; each is judged by a model that learned from what
/// lies before it, less the purge, whose last `valid_share` decides when to stop. Errors: kInvalidArgument
/// when a block would be empty or nothing is left to learn from.
std::vector<InnerFold> inner_folds(RowRange span, int count, double valid_share, int purge_rows);

}  // namespace orrery
