#pragma once

#include <string>
#include <string_view>

namespace orrery {

/// Returns a column's name as it is compared: lower case, spaces and hyphens as underscores, outer spaces
/// gone.
std::string fold_column_name(std::string_view name);

}  // namespace orrery
