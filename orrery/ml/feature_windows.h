#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "orrery/ml/dataset.h"

namespace orrery {

/// The features of each sample's instrument on the last sessions up to the sample's own, for models that read
/// sequences.
///
/// A window is `sessions` rows of the panel, the oldest first, the sample's own last; each row holds the
/// features after the fitted steps. A row before the panel begins, or on which the instrument was not
/// eligible, is missing whole. The rows come from the panels, never from other samples, so a window is the
/// same whichever data set a sample stands in. Look-ahead: none. Every eligible row is copied once: memory is
/// feature_count() floats for each eligible cell from `sessions - 1` rows before the first sample to the
/// last. Reading is thread-safe.
class FeatureWindows {
 public:
  /// `missing` stands where a feature is missing. Errors: kInvalidArgument when `sessions` is 0, or a feature
  /// is infinite, naming it.
  FeatureWindows(const Dataset& data, std::size_t sessions, float missing, int threads);

  std::size_t sessions() const { return sessions_; }
  std::size_t feature_count() const { return features_; }
  std::size_t values_per_sample() const { return sessions_ * features_; }

  /// All values that windows are made of, cell by cell.
  const std::vector<float>& cells() const { return cells_; }

  /// Writes the windows of some samples, given by their positions in the data set,
  /// [sample][session][feature].
  void read(std::span<const std::uint32_t> samples, float* out) const;

 private:
  const float* cell(std::size_t row, std::size_t instrument) const;
  void read_cells(const Dataset& history, int threads);

  std::size_t sessions_;
  std::size_t features_;
  float missing_;
  std::vector<Sample> samples_;
  std::size_t first_row_ = 0;
  std::size_t instruments_ = 0;
  std::vector<std::uint32_t> positions_;  ///< [row][instrument] → cell, or kNone
  std::vector<float> cells_;              ///< [cell][feature]
};

}  // namespace orrery
