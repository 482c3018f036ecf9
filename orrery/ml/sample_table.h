#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "orrery/ml/dataset.h"

namespace orrery {

/// Draws `count` of the numbers below `size` (all of them where there are no more), ascending; every choice
/// is as likely. Source: Knuth, The Art of Computer Programming, volume 2, 3.4.2, algorithm S.
std::vector<std::size_t> draw_positions(std::size_t size, std::size_t count, std::uint64_t seed);

/// Some samples of a data set, copied with all that a model reads of them, so that it can be asked of them
/// many times. Predictions are those of the samples where they come from.
class SampleTable {
 public:
  /// `positions` of the samples in `data`, ascending; `sessions` up to the sample's own that the model reads.
  /// Memory: samples × sessions × features floats.
  SampleTable(const Dataset& data, const std::vector<std::size_t>& positions, std::size_t sessions,
              int threads);
  SampleTable(const SampleTable&) = delete;
  SampleTable& operator=(const SampleTable&) = delete;

  /// The samples in order, all of one session. The table must outlive it; what is replaced shows in it.
  Dataset data() const;

  std::size_t size() const { return eligible_.columns(); }
  std::size_t sessions() const { return eligible_.rows(); }
  const std::vector<std::string>& feature_names() const { return features_.names; }

  /// One value a sample, on its own session. Missing: NaN.
  std::span<const float> feature(std::size_t feature) const {
    return features_.panels[feature].row(features_.panels[feature].rows() - 1);
  }

  /// Puts other values in place of a feature's on every session that is read, and returns those it had.
  FloatPanel replace_feature(std::size_t feature, FloatPanel values);

 private:
  void copy_session(const Dataset& history, std::size_t group);

  FactorFrame features_;  ///< a row a session that is read, the samples' own last; a column a sample
  MaskPanel eligible_;
  FittedFeatures no_steps_;
  std::vector<Sample> samples_;
};

}  // namespace orrery
