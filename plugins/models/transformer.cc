#include "plugins/models/networks/network_model.h"

namespace orrery::plugins::models::transformer_plugin {
namespace {

std::vector<networks::Layer> layers(const ParameterMap& parameters) {
  const std::int64_t width = get_integer(parameters, "hidden_size");
  std::vector<networks::Layer> layers{networks::Linear{width}, networks::MarkPositions{}};
  for (std::int64_t i = 0; i < get_integer(parameters, "num_layers"); ++i) {
    layers.emplace_back(networks::EncoderLayer{get_integer(parameters, "num_heads"),
                                               get_integer(parameters, "feedforward_size"),
                                               get_double(parameters, "dropout")});
  }
  layers.emplace_back(networks::FinalState{});
  layers.emplace_back(networks::Linear{1});
  return layers;
}

}  // namespace

void add_to(Registry& registry) {
  networks::NetworkDesign design;
  design.name = "transformer";
  design.summary = "Transformer encoder over each instrument's last sessions";
  design.source = "Vaswani et al., 2017; the layout of qlib's Transformer; libtorch";
  design.parameters = {
      networks::layout_number("hidden_size", 64, "width of each step, a multiple of num_heads"),
      networks::layout_number("num_layers", 2, "encoder layers"),
      networks::layout_number("num_heads", 2, "heads of attention"),
      networks::layout_number("feedforward_size", 128, "width of the feed-forward part"),
      networks::dropout_share(0.0, "share of values taken out in every layer while training")};
  design.layers = layers;
  networks::add_network(registry, design);
}

}  // namespace orrery::plugins::models::transformer_plugin
