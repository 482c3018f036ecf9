#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "plugins/models/networks/layers.h"
#include "plugins/models/networks/tensor.h"

namespace orrery::plugins::models::networks {

/// A learned parameter before it is learned: even values around a centre.
struct ParameterShape {
  std::string name;
  std::vector<std::int64_t> shape;
  double center = 0.0;
  double bound = 0.0;  ///< start values are uniform in [center - bound, center + bound)
};

/// Lists a network's parameters, in the order of the layers, under the names that a torch.nn.Sequential of
/// the same modules would give them (`0.weight_ih_l0`). Start values are those of the PyTorch modules.
/// Errors: kInvalidArgument for a width that a layer can't divide; kInternal when the last width is not 1.
std::vector<ParameterShape> parameter_shapes(const NetworkPlan& plan);

/// Draws the start values of a network from a seed.
std::vector<NamedTensor> initial_weights(const NetworkPlan& plan, std::uint64_t seed);

/// Says what is wrong with weights that are to fill a network's parameters: a name or a shape. Empty:
/// nothing.
std::string weights_problem(const NetworkPlan& plan, const std::vector<NamedTensor>& weights);

}  // namespace orrery::plugins::models::networks
