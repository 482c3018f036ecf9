#pragma once

#include <cstddef>
#include <span>

namespace orrery {

/// Returns the k-th smallest value (k from 0) and reorders `values`. They hold no NaN; k < values.size().
/// Expected time is linear with a small constant: a spread sample brackets the rank, one branch-free pass
/// keeps only the bracket. Exact always. Source of the idea: Floyd and Rivest, 1975, "Expected time bounds
/// for selection".
float select_kth(std::span<float> values, std::size_t k);

/// Returns the median, for an even count the mean of the two middle values in float, as numpy's median of
/// float32 does. Reorders `values`, which hold no NaN. NaN for none.
float median(std::span<float> values);

}  // namespace orrery
