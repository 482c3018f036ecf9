#pragma once

#include "orrery/ml/model.h"

namespace orrery::plugins::models {

using Registry = ModelRegistry;

/// Adds every model of this folder. Generated from the file names by CMake.
void register_all(Registry& registry);

}  // namespace orrery::plugins::models
