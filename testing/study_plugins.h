#pragma once

#include "orrery/app/plugins.h"
#include "orrery/portfolio/optimized_strategy.h"
#include "plugins/brokers/registry.h"
#include "plugins/models/registry.h"
#include "plugins/optimizers/registry.h"
#include "plugins/providers/registry.h"
#include "plugins/rules/registry.h"
#include "plugins/strategies/registry.h"

namespace orrery::testing {

/// Returns everything that a study may name, as the program has it.
inline const Plugins& study_plugins() {
  static const Plugins all = [] {
    Plugins made;
    plugins::models::register_all(made.models);
    plugins::strategies::register_all(made.strategies);
    plugins::optimizers::register_all(made.optimizers);
    add_optimized_strategies(made.optimizers, made.strategies);
    plugins::providers::register_all(made.providers);
    plugins::rules::register_all(made.rules);
    plugins::brokers::register_all(made.brokers);
    return made;
  }();
  return all;
}

}  // namespace orrery::testing
