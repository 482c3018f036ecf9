#pragma once

#include "orrery/factor/graph_builder.h"

namespace orrery {

/// Returns the letter by which names of kernels tell what a series is stored as.
inline char letter(kernels::Element element) { return element == kernels::Element::kFloat ? 'f' : 'd'; }
inline char letter(const Operand& operand) { return letter(operand.element); }

}  // namespace orrery
