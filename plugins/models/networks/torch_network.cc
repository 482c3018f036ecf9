#include "plugins/models/networks/torch_network.h"

#include <fmt/format.h>

#include "orrery/base/error.h"
#include "orrery/base/shared_library.h"

namespace orrery::plugins::models::networks {
namespace {

OpenTorchNetwork* load_opener() try {
  static const SharedLibrary library(ORRERY_NETWORKS_FILE);
  return library.function<OpenTorchNetwork>("orrery_open_network");
} catch (const Error& error) {
  throw external_error(
      ErrorCode::kUnavailable,
      fmt::format("networks need libtorch, which `tools/setup.sh networks` installs before a "
                  "build (docs/networks.md): {}",
                  error.what()));
}

}  // namespace

std::unique_ptr<TorchNetwork> open_network(const NetworkPlan& plan, const TrainingSettings& settings,
                                           const std::vector<NamedTensor>& weights) {
  static OpenTorchNetwork* const open = load_opener();
  std::string problem;
  std::unique_ptr<TorchNetwork> network(open(plan, settings, weights, problem));
  if (network) return network;
  throw external_error(ErrorCode::kUnavailable, fmt::format("the network can't be set up: {}", problem));
}

}  // namespace orrery::plugins::models::networks
