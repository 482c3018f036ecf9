#include "orrery/portfolio/ranking.h"

#include <algorithm>
#include <cmath>

namespace orrery {

void rank_by_score(std::span<const double> scores, std::vector<RankedName>& ranking) {
  ranking.clear();
  for (std::size_t i = 0; i < scores.size(); ++i) {
    if (!std::isnan(scores[i])) ranking.push_back({scores[i], static_cast<std::uint32_t>(i)});
  }
  std::sort(ranking.begin(), ranking.end(), RanksBefore{});
}

}  // namespace orrery
