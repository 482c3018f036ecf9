#include "orrery/portfolio/targets.h"

#include <algorithm>

namespace orrery {

const Holding* find_holding(std::span<const Holding> holdings, std::uint32_t instrument) {
  const auto found = std::find_if(holdings.begin(), holdings.end(), [instrument](const Holding& held) {
    return held.instrument == instrument;
  });
  return found == holdings.end() ? nullptr : &*found;
}

void sort_by_rank(std::vector<Target>& targets) {
  std::sort(targets.begin(), targets.end(), [](const Target& left, const Target& right) {
    if ((left.rank == 0) != (right.rank == 0)) return right.rank == 0;
    if (left.rank != right.rank) return left.rank < right.rank;
    return left.instrument < right.instrument;
  });
}

}  // namespace orrery
