#include "plugins/models/networks/network_model.h"

namespace orrery::plugins::models::tcn_plugin {
namespace {

std::vector<networks::Layer> layers(const ParameterMap& parameters) {
  std::vector<networks::Layer> layers;
  for (std::int64_t i = 0; i < get_integer(parameters, "num_layers"); ++i) {
    layers.emplace_back(networks::TemporalBlock{get_integer(parameters, "hidden_size"),
                                                get_integer(parameters, "kernel_size"), std::int64_t{1} << i,
                                                get_double(parameters, "dropout")});
  }
  layers.emplace_back(networks::FinalState{});
  layers.emplace_back(networks::Linear{1});
  return layers;
}

}  // namespace

void add_to(Registry& registry) {
  networks::NetworkDesign design;
  design.name = "tcn";
  design.summary = "Causal dilated convolutions over each instrument's last sessions";
  design.source = "Bai, Kolter and Koltun, 2018, without weight normalisation; libtorch";
  auto blocks =
      networks::layout_number("num_layers", 3, "blocks; each sees twice as far back as the one before");
  blocks.maximum = 16;
  design.parameters = {
      networks::layout_number("hidden_size", 64, "channels of each block"), blocks,
      networks::layout_number("kernel_size", 3, "steps that a convolution sees"),
      networks::dropout_share(0.0, "share of values taken out after each convolution while training")};
  design.layers = layers;
  networks::add_network(registry, design);
}

}  // namespace orrery::plugins::models::tcn_plugin
