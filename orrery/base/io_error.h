#pragma once

#include <filesystem>
#include <string_view>

#include "orrery/base/error.h"

namespace orrery {

/// Makes the error of a call to the system that has just failed: what could not be done, and why (errno).
Error io_error(std::string_view action, const std::filesystem::path& path);

}  // namespace orrery
