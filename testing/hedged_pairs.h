#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/portfolio/strategy.h"

namespace orrery::testing {

/// The setting of a hedged strategy in which every second symbol is hedged by the one behind it; nothing for
/// other strategies.
inline ParameterMap hedged_neighbours(const StrategyInfo& info, const std::vector<std::string>& symbols) {
  if (!info.hedged) return {};
  std::string pairs;
  for (std::size_t i = 0; i + 1 < symbols.size(); i += 2) {
    pairs += (i == 0 ? "" : ", ") + symbols[i] + "=" + symbols[i + 1];
  }
  return {{"pairs", pairs}};
}

}  // namespace orrery::testing
