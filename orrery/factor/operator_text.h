#pragma once

#include <initializer_list>
#include <string>
#include <utility>

#include "orrery/factor/graph_builder.h"

namespace orrery {

/// Builds an operator from a text of the factor language over its arguments, such as
/// `2*talib:EMA(x, n) - talib:EMA(talib:EMA(x, n), n)` with x and n given.
/// Errors: kInvalidArgument with the text and a caret.
Operand lower_text(GraphBuilder& graph, const std::string& text,
                   std::initializer_list<std::pair<const char*, Operand>> names);

}  // namespace orrery
