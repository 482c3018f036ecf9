#pragma once

#include "orrery/execution/compliance_rule.h"

namespace orrery::plugins::rules {

using Registry = RuleRegistry;

/// Adds every rule of this folder.
void register_all(Registry& registry);

}  // namespace orrery::plugins::rules
