#include "plugins/models/networks/recurrent.h"

namespace orrery::plugins::models::bilstm_plugin {

void add_to(Registry& registry) {
  auto design = networks::recurrent_design("bilstm", networks::Recurrent::Cell::kLstm, true, 3);
  design.summary = "Long short-term memory that reads each window in both directions";
  design.source = "Schuster and Paliwal, 1997, and Graves and Schmidhuber, 2005; libtorch";
  networks::add_network(registry, design);
}

}  // namespace orrery::plugins::models::bilstm_plugin
