#include "apps/cli/alert_channels.h"

#include "plugins/alerts/registry.h"

namespace orrery::cli {

const AlertChannelRegistry& alert_channels() {
  static const AlertChannelRegistry all = [] {
    AlertChannelRegistry made("kind of channel");
    plugins::alerts::register_all(made);
    return made;
  }();
  return all;
}

}  // namespace orrery::cli
