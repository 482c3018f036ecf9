#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace orrery {

/// A name with its score.
struct RankedName {
  double score = 0.0;
  std::uint32_t instrument = 0;
};

/// The order of a ranking: higher scores first, equal scores by ascending instrument (= symbol).
struct RanksBefore {
  bool operator()(const RankedName& left, const RankedName& right) const {
    if (left.score != right.score) return left.score > right.score;
    return left.instrument < right.instrument;
  }
};

/// Fills `ranking` with every instrument that has a score (not NaN), best first.
void rank_by_score(std::span<const double> scores, std::vector<RankedName>& ranking);

}  // namespace orrery
