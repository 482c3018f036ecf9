#pragma once

#include "orrery/portfolio/optimizer.h"

namespace orrery::plugins::optimizers {

using Registry = OptimizerRegistry;

/// Adds every optimizer of this folder.
void register_all(Registry& registry);

}  // namespace orrery::plugins::optimizers
