#include "plugins/models/networks/recurrent.h"

namespace orrery::plugins::models::lstm_plugin {

void add_to(Registry& registry) {
  auto design = networks::recurrent_design("lstm", networks::Recurrent::Cell::kLstm, false, 2);
  design.summary = "Long short-term memory over each instrument's last sessions";
  design.source = "Hochreiter and Schmidhuber, 1997; the layout of qlib's LSTM; libtorch";
  networks::add_network(registry, design);
}

}  // namespace orrery::plugins::models::lstm_plugin
