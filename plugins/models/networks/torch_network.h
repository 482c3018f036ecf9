#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "orrery/ml/serving_precision.h"
#include "plugins/models/networks/batch.h"
#include "plugins/models/networks/layers.h"
#include "plugins/models/networks/quadrature.h"
#include "plugins/models/networks/tensor.h"
#include "plugins/models/networks/training_settings.h"

namespace orrery::plugins::models::networks {

/// Samples computed together. A batch is cut into blocks of that many, which threads share; what a block
/// gives does not depend on the thread, and blocks are added in order, so that threads change no bit.
constexpr std::size_t kBlockSamples = 256;

/// One step of training.
struct StepPlan {
  double learning_rate = 0.0;
  std::uint64_t seed = 0;  ///< of what is drawn within the step (dropout)
  int threads = 0;
};

/// A network in libtorch, with its optimizer. Lives in a library of its own (module/), which is loaded with
/// the first one. No two calls at a time but `score`, `score_dropped` and `explain`, which are thread-safe.
class TorchNetwork {
 public:
  virtual ~TorchNetwork() = default;

  /// Learns from one batch. `scores` gets what the batch scored before the step, with dropout. Returns the
  /// loss before the step.
  virtual double step(const Batch& batch, const StepPlan& plan, std::span<float> scores) = 0;

  /// Scores in such numbers from now on; not while `score` runs. Weights that are set later are not rounded.
  virtual void serve_in(ServingPrecision precision) = 0;

  /// Scores samples: `inputs` as in Batch. The raw output: for a binary loss the log-odds.
  virtual void score(std::span<const float> inputs, std::span<float> scores) const = 0;

  /// The same with dropout: `seed` alone draws what is taken out, the same of all samples.
  virtual void score_dropped(std::span<const float> inputs, std::uint64_t seed,
                             std::span<float> scores) const = 0;

  /// Returns the loss of scores.
  virtual double loss(std::span<const float> scores, const Targets& targets) const = 0;

  /// Adds to `sums` (one a feature) the size of (gradient of the score × input) of every sample, summed over
  /// the window's sessions. `inputs`: one block at most.
  virtual void add_attributions(std::span<const float> inputs, std::span<double> sums) const = 0;

  /// Writes how much each feature added to every sample's score over that of zero inputs, summed over the
  /// window's sessions: integrated gradients, [sample × features]. `inputs`: one block at most. Thread-safe.
  virtual void explain(std::span<const float> inputs, std::span<const QuadraturePoint> points,
                       std::span<double> contributions) const = 0;

  virtual std::vector<NamedTensor> weights() const = 0;
  /// Errors: kInternal for another number or shape of tensors than weights().
  virtual void set_weights(const std::vector<NamedTensor>& weights) = 0;

  /// Returns what the optimizer remembers, beside the number of steps: two tensors a parameter.
  virtual std::vector<NamedTensor> memory() const = 0;
  virtual std::int64_t steps() const = 0;
  virtual void set_memory(const std::vector<NamedTensor>& memory, std::int64_t steps) = 0;
};

/// Makes a network, which loads the library first. Errors: kUnavailable when the library or, for cuda, a
/// graphics card is missing; kInternal with what libtorch says.
std::unique_ptr<TorchNetwork> open_network(const NetworkPlan& plan, const TrainingSettings& settings,
                                           const std::vector<NamedTensor>& weights);

/// What the library's one function, `orrery_open_network`, is: null and a problem where it fails.
using OpenTorchNetwork = TorchNetwork*(const NetworkPlan& plan, const TrainingSettings& settings,
                                       const std::vector<NamedTensor>& weights, std::string& problem);

}  // namespace orrery::plugins::models::networks
