#pragma once

#include <string_view>

namespace orrery {

/// Returns the same text in memory that lasts as long as the program, for texts of few kinds that come from
/// a file where literals are expected. Safe to use from several threads.
std::string_view interned(std::string_view text);

}  // namespace orrery
