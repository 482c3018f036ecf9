#pragma once

#include <span>
#include <vector>

#include "orrery/ml/dataset.h"
#include "orrery/ml/rank_correlation.h"

namespace orrery {

/// The ranks of the labels, session by session, to hold many scores against.
class RankIc {
 public:
  /// `data`: with labels. Its values are copied.
  explicit RankIc(const Dataset& data);

  /// Returns the mean over the sessions of Spearman's correlation of scores and labels (ties share their
  /// average rank). Sessions with fewer than two samples, or where scores or labels are all equal, don't
  /// count; NaN when none does. `scores`: one a sample, none missing. Thread-safe.
  double operator()(std::span<const double> scores) const;

 private:
  std::vector<std::size_t> groups_;
  std::vector<CentredRanks> ranks_;  ///< of the labels, by session
};

}  // namespace orrery
