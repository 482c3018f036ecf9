#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orrery/factor/factor_set.h"

namespace orrery {

/// Returns a factor of a set that comes with Orrery by `set:factor`, such as "alpha158:MA5".
/// Errors: kNotFound, naming the nearest set or factor.
FactorDefinition find_factor(std::string_view qualified_name);

}  // namespace orrery
