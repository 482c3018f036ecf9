#include "orrery/portfolio/strategy.h"

namespace orrery {

std::unique_ptr<Strategy> make_strategy(const StrategyRegistry& registry, std::string_view name,
                                        const ParameterMap& parameters) {
  const StrategyEntry& entry = registry.get(name);
  return entry.factory(complete_parameters(parameters, entry.info.parameters));
}

}  // namespace orrery
