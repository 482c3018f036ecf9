#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace orrery {

/// Ranks cross-sections by radix sort, several times faster than by comparing. Keeps its buffers; one a
/// thread.
class SessionRanker {
 public:
  /// Writes ranks from 1; ties share their average rank, 0 and -0 tie. `values` holds no NaN; `ranks` has as
  /// many elements. Up to 2²³ values, so that every rank is exact.
  void rank(std::span<const float> values, std::span<float> ranks);

  /// Writes the positions of the values in ascending order of their values, equal ones (0 and -0 are) in
  /// ascending order of their positions. `values` holds no NaN; `positions` has as many elements.
  void order(std::span<const double> values, std::span<std::uint32_t> positions);

 private:
  void sort(std::span<const float> values);

  std::vector<std::uint64_t> keys_;
  std::vector<std::uint64_t> moved_;
  std::vector<float> rounded_;
};

}  // namespace orrery
