#pragma once

#include <ATen/ATen.h>

#include <cstdint>
#include <optional>
#include <vector>

#include "plugins/models/networks/layers.h"

namespace orrery::plugins::models::networks {

/// Computes a network's output, one score a sample. `parameters`: as parameter_shapes lists them; `inputs`:
/// [sample × window × features]. With a seed dropout is on, drawn from it alone.
at::Tensor forward(const NetworkPlan& plan, const std::vector<at::Tensor>& parameters,
                   const at::Tensor& inputs, std::optional<std::uint64_t> dropout_seed);

}  // namespace orrery::plugins::models::networks
