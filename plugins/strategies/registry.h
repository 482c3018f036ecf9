#pragma once

#include "orrery/portfolio/strategy.h"

namespace orrery::plugins::strategies {

using Registry = StrategyRegistry;

/// Adds every strategy of this folder.
void register_all(Registry& registry);

}  // namespace orrery::plugins::strategies
