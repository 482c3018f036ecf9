#pragma once

#include <string>

#include "plugins/models/networks/network_model.h"

namespace orrery::plugins::models::networks {

/// A network of recurrent layers whose final state is scored by one linear layer: `hidden_size`, `num_layers`
/// and `dropout` between the layers.
NetworkDesign recurrent_design(const std::string& name, Recurrent::Cell cell, bool is_bidirectional,
                               std::int64_t layers);

/// The recurrent layers for completed parameters of such a network.
Recurrent recurrent_layers(const ParameterMap& parameters, Recurrent::Cell cell, bool is_bidirectional);

/// What such a network declares.
std::vector<ParameterInfo> recurrent_parameters(std::int64_t layers);

}  // namespace orrery::plugins::models::networks
