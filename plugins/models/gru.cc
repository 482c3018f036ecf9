#include "plugins/models/networks/recurrent.h"

namespace orrery::plugins::models::gru_plugin {

void add_to(Registry& registry) {
  auto design = networks::recurrent_design("gru", networks::Recurrent::Cell::kGru, false, 2);
  design.summary = "Gated recurrent units over each instrument's last sessions";
  design.source = "Cho et al., 2014; the layout of qlib's GRU; libtorch";
  networks::add_network(registry, design);
}

}  // namespace orrery::plugins::models::gru_plugin
