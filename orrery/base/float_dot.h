#pragma once

#include <cstddef>

namespace orrery {

/// Floats that are summed side by side; columns are padded to a multiple of it.
inline constexpr std::size_t kDotLanes = 16;

/// Returns the sum of a[i] * b[i]: in float within a lane, in double over the lanes. `count`: a multiple of
/// kDotLanes.
double dot(const float* a, const float* b, std::size_t count);

}  // namespace orrery
