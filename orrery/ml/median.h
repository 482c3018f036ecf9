#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace orrery {

/// Finds exact medians of float columns, and keeps its buffers from one to the next.
///
/// A spread sample brackets the middle ranks; one pass keeps the values inside the bracket; few remain, from
/// which the middle ones are selected. Where a bracket misses, everything is selected from: the result never
/// depends on luck. Idea: Floyd and Rivest, 1975, "Expected time bounds for selection". Not thread-safe.
class MedianFinder {
 public:
  /// Returns the median of the values that are not NaN; for an even count the mean of the two middle ones in
  /// float, as numpy's nanmedian of float32 does. NaN for none. A median of zero is +0.
  float median(std::span<const float> values);

 private:
  std::vector<float> kept_;
  std::vector<float> next_;
};

/// Copies the values that are eligible (mask not 0) and not NaN, in order. `out` needs room for all values
/// and kCompactSlack more. Returns how many were copied.
std::size_t compact_present(std::span<const float> values, std::span<const std::uint8_t> eligible,
                            float* out);

/// Floats that vector stores of compact_present may touch behind the last value written.
constexpr std::size_t kCompactSlack = 8;

}  // namespace orrery
