#pragma once

#include "plugins/models/registry.h"

namespace orrery::testing {

/// Returns all models, as the program has them.
inline const ModelRegistry& model_registry() {
  static const ModelRegistry models = [] {
    ModelRegistry all("model");
    plugins::models::register_all(all);
    return all;
  }();
  return models;
}

}  // namespace orrery::testing
