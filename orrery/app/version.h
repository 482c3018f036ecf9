#pragma once

#include <string_view>

namespace orrery {

/// The program's version, from CMake's project().
inline constexpr std::string_view kVersion = ORRERY_VERSION;

}  // namespace orrery
