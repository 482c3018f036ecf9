#pragma once

#include <string>

#include "orrery/base/timestamp.h"

namespace orrery::cli {

/// Reads an option as a moment, UTC. Errors: kInvalidArgument, naming the option.
Timestamp moment_of(const std::string& option, const std::string& text);

}  // namespace orrery::cli
