#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "orrery/base/error.h"

namespace orrery {

/// Makes an error about a place in a factor's text: the factor's name, the reason, the text and a caret under
/// the place. Long texts are cut around it.
Error expression_error(std::string_view factor, std::string_view text, std::size_t position,
                       const std::string& reason);

}  // namespace orrery
