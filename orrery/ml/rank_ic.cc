#include "orrery/ml/rank_ic.h"

#include <cmath>
#include <limits>

namespace orrery {

RankIc::RankIc(const Dataset& data) : groups_(data.groups()) {
  for (std::size_t group = 0; group + 1 < groups_.size(); ++group) {
    ranks_.push_back(
        centred_ranks(data.labels().subspan(groups_[group], groups_[group + 1] - groups_[group])));
  }
}

double RankIc::operator()(std::span<const double> scores) const {
  double sum = 0.0;
  std::size_t sessions = 0;
  for (std::size_t group = 0; group < ranks_.size(); ++group) {
    const auto own = scores.subspan(groups_[group], groups_[group + 1] - groups_[group]);
    const double correlation = correlation_of(centred_ranks(own), ranks_[group]);
    if (std::isnan(correlation)) continue;
    sum += correlation;
    ++sessions;
  }
  return sessions == 0 ? std::numeric_limits<double>::quiet_NaN() : sum / static_cast<double>(sessions);
}

}  // namespace orrery
