#include "plugins/models/networks/module/optimizer.h"

#include <c10/core/GradMode.h>

#include <cmath>

namespace orrery::plugins::models::networks {
namespace {

constexpr double kBeta1 = 0.9;
constexpr double kBeta2 = 0.999;
constexpr double kEpsilon = 1e-8;
/// What torch.nn.utils.clip_grad_norm_ adds to the length.
constexpr double kClipEpsilon = 1e-6;

}  // namespace

ParameterOptimizer::ParameterOptimizer(const TrainingSettings& settings,
                                       const std::vector<at::Tensor>& parameters)
    : settings_(settings) {
  for (const at::Tensor& parameter : parameters) {
    first_.push_back(at::zeros_like(parameter));
    second_.push_back(at::zeros_like(parameter));
  }
}

void ParameterOptimizer::clip(std::vector<at::Tensor>& gradients) const {
  if (settings_.clip_norm == 0.0) return;
  double squares = 0.0;
  for (const at::Tensor& gradient : gradients) squares += gradient.square().sum().item<double>();
  const double factor = settings_.clip_norm / (std::sqrt(squares) + kClipEpsilon);
  if (factor >= 1.0) return;
  for (at::Tensor& gradient : gradients) gradient.mul_(factor);
}

void ParameterOptimizer::adam(std::size_t i, at::Tensor& parameter, at::Tensor gradient,
                              double learning_rate) {
  if (settings_.optimizer == Optimizer::kAdamW) parameter.mul_(1.0 - learning_rate * settings_.weight_decay);
  if (settings_.optimizer == Optimizer::kAdam && settings_.weight_decay != 0.0) {
    gradient = gradient.add(parameter, settings_.weight_decay);
  }
  first_[i].lerp_(gradient, 1.0 - kBeta1);
  second_[i].mul_(kBeta2).addcmul_(gradient, gradient, 1.0 - kBeta2);
  const auto steps = static_cast<double>(steps_);
  const double correction1 = 1.0 - std::pow(kBeta1, steps);
  const double correction2 = 1.0 - std::pow(kBeta2, steps);
  const at::Tensor deviation = second_[i].sqrt().div_(std::sqrt(correction2)).add_(kEpsilon);
  parameter.addcdiv_(first_[i], deviation, -learning_rate / correction1);
}

void ParameterOptimizer::descend(std::size_t i, at::Tensor& parameter, at::Tensor gradient,
                                 double learning_rate) {
  if (settings_.weight_decay != 0.0) gradient = gradient.add(parameter, settings_.weight_decay);
  if (settings_.momentum != 0.0) {
    first_[i].mul_(settings_.momentum).add_(gradient);
    gradient = first_[i];
  }
  parameter.add_(gradient, -learning_rate);
}

void ParameterOptimizer::step(std::vector<at::Tensor>& parameters, std::vector<at::Tensor>& gradients,
                              double learning_rate) {
  const c10::NoGradGuard no_gradients;
  ++steps_;
  clip(gradients);
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (settings_.optimizer == Optimizer::kSgd) {
      descend(i, parameters[i], gradients[i], learning_rate);
    } else {
      adam(i, parameters[i], gradients[i], learning_rate);
    }
  }
}

}  // namespace orrery::plugins::models::networks
