#pragma once

#include <cstddef>
#include <vector>

#include "orrery/ml/rank_ic.h"

namespace orrery {

/// Weights in proportion to `skill` where it is above 0, adding up to one; all equal where none is. NaN
/// counts as none.
std::vector<double> weights_by_skill(const std::vector<double>& skill);

/// How many ways there are to share `parts` equal parts among `members`; no more than `limit` + 1.
std::size_t count_shares(std::size_t members, std::size_t parts, std::size_t limit);

/// Tries every weight that is a multiple of 1 / `parts` and adds up to one, and returns those whose weighted
/// sum of scores has the highest mean rank IC; of equal ones the most even, then the first in lexicographic
/// order. `scores`: one list a member, a value a sample of `judge`. All equal where no sum has a rank IC.
/// The result does not depend on `threads`. Cost: count_shares × ranking all samples.
std::vector<double> weights_by_grid(const std::vector<std::vector<double>>& scores, const RankIc& judge,
                                    std::size_t parts, int threads);

}  // namespace orrery
