#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <vector>

#include "plugins/models/networks/training_settings.h"

namespace orrery::plugins::models::networks {

/// Adam, AdamW and SGD with momentum, as torch.optim's of the same name with their defaults (betas 0.9 and
/// 0.999, eps 1e-8). What it remembers can be taken out and put back, so that learning goes on as if never
/// stopped.
class ParameterOptimizer {
 public:
  ParameterOptimizer(const TrainingSettings& settings, const std::vector<at::Tensor>& parameters);

  /// Changes the parameters by one step along their gradients, which are scaled down to the settings' length
  /// first.
  void step(std::vector<at::Tensor>& parameters, std::vector<at::Tensor>& gradients, double learning_rate);

  /// First and second moments, parameter by parameter.
  std::vector<at::Tensor>& first() { return first_; }
  std::vector<at::Tensor>& second() { return second_; }
  const std::vector<at::Tensor>& first() const { return first_; }
  const std::vector<at::Tensor>& second() const { return second_; }
  std::int64_t steps() const { return steps_; }
  void set_steps(std::int64_t steps) { steps_ = steps; }

 private:
  void clip(std::vector<at::Tensor>& gradients) const;
  void adam(std::size_t i, at::Tensor& parameter, at::Tensor gradient, double learning_rate);
  void descend(std::size_t i, at::Tensor& parameter, at::Tensor gradient, double learning_rate);

  TrainingSettings settings_;
  std::vector<at::Tensor> first_;
  std::vector<at::Tensor> second_;
  std::int64_t steps_ = 0;
};

}  // namespace orrery::plugins::models::networks
