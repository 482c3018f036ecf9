#pragma once

#include <cstddef>
#include <cstdint>
#include <future>
#include <span>
#include <vector>

#include "orrery/ml/feature_windows.h"

namespace orrery::plugins::models::networks {

/// What scores are compared with. A session is [sessions[s], sessions[s + 1]); its samples stand together.
struct Targets {
  std::vector<float> labels;
  std::vector<float> weights;         ///< empty: all weigh the same
  std::vector<std::size_t> sessions;  ///< of cross-sectional losses, with the count at the end; else empty
};

/// The samples of one step.
struct Batch {
  std::vector<std::uint32_t> samples;  ///< positions in the data set
  std::vector<float> inputs;           ///< [sample][session of the window][feature]
  Targets targets;
};

/// Which samples make up each batch of an epoch.
struct BatchPlan {
  struct Part {
    std::vector<std::uint32_t> samples;
    std::vector<std::size_t> sessions;  ///< as in Targets
  };
  std::vector<Part> parts;
};

/// Shuffles the samples and cuts them into batches of `batch_size`; the last one is what is left.
BatchPlan plan_samples(std::size_t samples, std::size_t batch_size, std::uint64_t seed);

/// Shuffles the sessions and puts as many whole ones into a batch as `batch_size` samples allow, one at
/// least. `groups`: as Dataset's.
BatchPlan plan_sessions(const std::vector<std::size_t>& groups, std::size_t batch_size, std::uint64_t seed);

/// Reads labels and weights of some samples.
Targets targets_of(const Dataset& data, std::span<const std::uint32_t> samples);

/// Reads batches in the order of a plan; while one is learned from, the next is read in the background. The
/// plan, the data and the windows must outlive it.
class BatchLoader {
 public:
  BatchLoader(const Dataset& data, const FeatureWindows& windows, const BatchPlan& plan);
  /// Waits for the reader.
  ~BatchLoader();
  BatchLoader(const BatchLoader&) = delete;
  BatchLoader& operator=(const BatchLoader&) = delete;

  bool has_next() const { return next_ < plan_.parts.size(); }
  /// Returns the next batch and starts to read the one after it.
  Batch next();

 private:
  Batch read(std::size_t part) const;
  void start();

  const Dataset& data_;
  const FeatureWindows& windows_;
  const BatchPlan& plan_;
  std::size_t next_ = 0;
  std::future<Batch> reading_;
};

}  // namespace orrery::plugins::models::networks
