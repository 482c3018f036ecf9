#include "orrery/factor/operator.h"

namespace orrery::plugins::operators {

/// Generated from the files in plugins/operators.
void register_all(OperatorRegistry& registry);

}  // namespace orrery::plugins::operators

namespace orrery {

const OperatorRegistry& operator_registry() {
  static const OperatorRegistry registry = [] {
    OperatorRegistry result("operator");
    plugins::operators::register_all(result);
    return result;
  }();
  return registry;
}

std::vector<OperatorInfo> operator_infos() {
  std::vector<OperatorInfo> result;
  for (const auto& name : operator_registry().names()) result.push_back(operator_registry().get(name).info);
  return result;
}

}  // namespace orrery
