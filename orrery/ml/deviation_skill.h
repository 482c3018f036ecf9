#pragma once

#include <cstddef>
#include <limits>
#include <vector>

#include "orrery/market/panel.h"

namespace orrery {

/// Scores of about the same deviation within their sessions.
struct DeviationGroup {
  double deviation = kMissing;          ///< mean over the sessions of the group's mean deviation
  double rank_ic = kMissing;            ///< mean over the sessions of the group's rank IC
  double outcome_deviation = kMissing;  ///< mean over the sessions of the deviation of the group's outcomes

  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
};

/// Whether scores that a model is surer of are better ones.
struct DeviationSkill {
  std::vector<DeviationGroup> groups;  ///< the surest first; empty where no session has enough names
  std::size_t sessions = 0;            ///< with a rank IC in the first and the last group
  double difference = DeviationGroup::kMissing;    ///< mean rank IC of the surest less that of the least sure
  double difference_t = DeviationGroup::kMissing;  ///< over its Newey-West standard error
};

/// Splits each session's cells with score, deviation and outcome into `groups` of equal size by deviation
/// (the first ones get what is left over; equal deviations go by instrument), five cells each at the least;
/// sessions with fewer, or where all deviations are equal, are left out. All panels of one shape; NaN: none.
/// Errors: kInternal for other shapes or fewer than two groups.
DeviationSkill deviation_skill(const Panel& scores, const Panel& deviations, const Panel& outcome,
                               int groups);

}  // namespace orrery
