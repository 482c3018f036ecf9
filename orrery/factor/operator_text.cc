#include "orrery/factor/operator_text.h"

#include "orrery/factor/lowering.h"

namespace orrery {

Operand lower_text(GraphBuilder& graph, const std::string& text,
                   std::initializer_list<std::pair<const char*, Operand>> names) {
  LoweringContext context{graph, false, {}};
  const FactorDefinition definition{"operator", text, {}};
  Lowering lowering(definition, context);
  for (const auto& [name, value] : names) lowering.bind(name, value);
  return lowering.factor().value;
}

}  // namespace orrery
