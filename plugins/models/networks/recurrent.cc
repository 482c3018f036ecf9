#include "plugins/models/networks/recurrent.h"

namespace orrery::plugins::models::networks {

std::vector<ParameterInfo> recurrent_parameters(std::int64_t layers) {
  return {layout_number("hidden_size", 64, "width of each layer's state, in each direction"),
          layout_number("num_layers", layers, "recurrent layers, one on top of the other"),
          dropout_share(0.0, "share of values taken out between layers while training")};
}

Recurrent recurrent_layers(const ParameterMap& parameters, Recurrent::Cell cell, bool is_bidirectional) {
  return {cell, get_integer(parameters, "hidden_size"), get_integer(parameters, "num_layers"),
          is_bidirectional, get_double(parameters, "dropout")};
}

NetworkDesign recurrent_design(const std::string& name, Recurrent::Cell cell, bool is_bidirectional,
                               std::int64_t layers) {
  NetworkDesign design;
  design.name = name;
  design.parameters = recurrent_parameters(layers);
  design.layers = [cell, is_bidirectional](const ParameterMap& parameters) -> std::vector<Layer> {
    return {recurrent_layers(parameters, cell, is_bidirectional), FinalState{is_bidirectional}, Linear{1}};
  };
  return design;
}

}  // namespace orrery::plugins::models::networks
