#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "plugins/models/networks/layers.h"

namespace orrery::plugins::models::networks {

/// Which values dropout takes out, drawn from the seed alone.
struct DropoutDraw {
  std::uint64_t seed = 0;
  bool is_shared = false;  ///< the same of all samples, else of each others
};

/// Computes a network's output, one score a sample. `parameters`: as parameter_shapes lists them; `inputs`:
/// [sample × window × features]. Without `dropout` nothing is taken out.
at::Tensor forward(const NetworkPlan& plan, const std::vector<at::Tensor>& parameters,
                   const at::Tensor& inputs, std::optional<DropoutDraw> dropout);

}  // namespace orrery::plugins::models::networks
