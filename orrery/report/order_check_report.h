#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// What one rule had to say of a run's orders.
struct RuleReport {
  std::string rule;
  std::size_t refused = 0;
  std::size_t warned = 0;
  Date first, last;
  std::string example;  ///< the figures of the first
};

/// What the checks between the engine and the broker did.
struct OrderCheckReport {
  std::size_t orders = 0;         ///< that were made, refused ones included
  std::vector<RuleReport> rules;  ///< those with anything to say, the most refusals first
};

}  // namespace orrery
