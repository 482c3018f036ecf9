#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/config.h"

namespace orrery {

/// Reads a list of symbols; nothing: an empty one.
std::vector<std::string> read_symbols(ConfigReader& reader, std::string_view key);

}  // namespace orrery
