#pragma once

#include <optional>
#include <string>

#include "orrery/base/timestamp.h"

namespace orrery {

/// Reads a moment as mail, HTTP and feeds write it: "Tue, 02 Jul 2024 13:30:00 GMT", with any zone of
/// RFC 822, or as RFC 3339 has it. Returns nothing for any other text.
std::optional<Timestamp> parse_internet_date(const std::string& text);

}  // namespace orrery
