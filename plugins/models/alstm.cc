#include <algorithm>

#include "plugins/models/networks/recurrent.h"

namespace orrery::plugins::models::alstm_plugin {
namespace {

std::vector<networks::Layer> layers(const ParameterMap& parameters) {
  const auto recurrent = networks::recurrent_layers(parameters, networks::Recurrent::Cell::kGru, false);
  const std::int64_t attention = std::max<std::int64_t>(1, recurrent.hidden / 2);
  return {networks::Linear{recurrent.hidden}, networks::Activate{networks::Activate::Function::kTanh},
          recurrent, networks::AttentionPool{attention}, networks::Linear{1}};
}

}  // namespace

void add_to(Registry& registry) {
  networks::NetworkDesign design;
  design.name = "alstm";
  design.summary = "Recurrent layers whose steps are weighed by attention";
  design.source = "Feng et al., 2019; the layout of qlib's ALSTM with gated recurrent units; libtorch";
  design.parameters = networks::recurrent_parameters(2);
  design.layers = layers;
  networks::add_network(registry, design);
}

}  // namespace orrery::plugins::models::alstm_plugin
