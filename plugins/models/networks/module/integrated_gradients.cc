#include "plugins/models/networks/module/integrated_gradients.h"

#include <torch/csrc/autograd/autograd.h>

#include "plugins/models/networks/module/forward.h"

namespace orrery::plugins::models::networks {

at::Tensor integrated_gradients(const NetworkPlan& plan, const std::vector<at::Tensor>& parameters,
                                const at::Tensor& inputs, std::span<const QuadraturePoint> points) {
  at::Tensor mean = at::zeros(inputs.sizes(), inputs.options().dtype(at::kDouble));
  for (const QuadraturePoint& point : points) {
    const at::Tensor x = (inputs * point.position).detach().requires_grad_();
    const at::Tensor slopes = torch::autograd::grad({forward(plan, parameters, x, {}).sum()}, {x})[0];
    mean.add_(slopes.to(at::kDouble), point.weight);
  }
  return (mean * inputs).sum(1);
}

}  // namespace orrery::plugins::models::networks
