#pragma once

#include <ATen/ATen.h>

#include "plugins/models/networks/batch.h"
#include "plugins/models/networks/training_settings.h"

namespace orrery::plugins::models::networks {

/// Targets as libtorch takes them.
struct TargetTensors {
  at::Tensor labels;
  at::Tensor weights;
  std::vector<std::size_t> sessions;
};

TargetTensors to_tensors(const Targets& targets, const at::Device& device);

/// Computes the loss of raw scores. Of single samples the weighted mean; of sessions the mean over those that
/// have one: two samples of differing labels at least.
at::Tensor loss_of(const TrainingSettings& settings, const at::Tensor& scores, const TargetTensors& targets);

}  // namespace orrery::plugins::models::networks
