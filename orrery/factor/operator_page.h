#pragma once

#include <string>

namespace orrery {

/// Writes docs/operators.md: every operator from its own description, so that the language is documented in
/// one place.
std::string operator_page();

}  // namespace orrery
