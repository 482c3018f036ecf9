#include "plugins/models/networks/network_model.h"

namespace orrery::plugins::models::mlp_plugin {
namespace {

std::vector<networks::Layer> layers(const ParameterMap& parameters) {
  std::vector<networks::Layer> layers;
  for (std::int64_t i = 0; i < get_integer(parameters, "num_layers"); ++i) {
    layers.emplace_back(networks::Linear{get_integer(parameters, "hidden_size")});
    layers.emplace_back(networks::Normalize{});
    layers.emplace_back(networks::Activate{networks::Activate::Function::kSilu});
    layers.emplace_back(networks::Dropout{get_double(parameters, "dropout")});
  }
  layers.emplace_back(networks::Linear{1});
  return layers;
}

}  // namespace

void add_to(Registry& registry) {
  networks::NetworkDesign design;
  design.name = "mlp";
  design.summary = "Fully connected layers over the sample's own session";
  design.source = "linear, layer norm, SiLU, dropout, over and over; libtorch";
  design.is_sequential = false;
  design.parameters = {
      networks::layout_number("hidden_size", 128, "width of each hidden layer"),
      networks::layout_number("num_layers", 2, "hidden layers"),
      networks::dropout_share(0.0, "share of values taken out after each layer while training")};
  design.layers = layers;
  design.search = {{{"epochs", std::int64_t{30}}, {"early_stopping_epochs", std::int64_t{5}}},
                   {{"hidden_size", TunedParameter::Kind::kInteger, 16, 256, true, {}},
                    {"num_layers", TunedParameter::Kind::kInteger, 1, 3, false, {}},
                    {"dropout", TunedParameter::Kind::kReal, 0.0, 0.5, false, {}},
                    {"learning_rate", TunedParameter::Kind::kReal, 1e-4, 1e-2, true, {}}}};
  networks::add_network(registry, design);
}

}  // namespace orrery::plugins::models::mlp_plugin
