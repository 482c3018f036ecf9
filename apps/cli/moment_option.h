#pragma once

#include <optional>
#include <string>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"

namespace orrery::cli {

/// Reads an option as a moment, UTC. Errors: kInvalidArgument, naming the option.
Timestamp moment_of(const std::string& option, const std::string& text);

/// Reads an option as a day; nothing where it is not given. Errors: kInvalidArgument, naming the option.
std::optional<Date> day_of(const std::string& option, const std::string& text);

}  // namespace orrery::cli
