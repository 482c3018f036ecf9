#pragma once

#include <functional>
#include <string>
#include <vector>

#include "plugins/models/networks/layers.h"
#include "plugins/models/registry.h"

namespace orrery::plugins::models::networks {

/// What makes one network different from another. All else — training, saving, refusing — is shared.
struct NetworkDesign {
  std::string name;
  std::string summary;        ///< one line
  std::string source;         ///< paper or library
  bool is_sequential = true;  ///< reads `window` sessions of each instrument; else the sample's own
  std::vector<ParameterInfo> parameters;  ///< its own, beside `window` and those of training
  std::map<std::string, std::string, std::less<>> aliases;
  /// Lays out the layers for completed parameters. Errors: kInvalidArgument where they don't go together.
  std::function<std::vector<Layer>(const ParameterMap& parameters)> layers;
  SearchDefaults search = {};  ///< as ModelInfo's
};

/// Adds a network to the models.
void add_network(Registry& registry, const NetworkDesign& design);

/// A whole number of a network's layout, 1 or more.
ParameterInfo layout_number(std::string name, std::int64_t value, std::string summary);

/// The share of values that dropout takes out.
ParameterInfo dropout_share(double value, std::string summary);

}  // namespace orrery::plugins::models::networks
