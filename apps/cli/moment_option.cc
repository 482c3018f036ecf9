#include "apps/cli/moment_option.h"

#include <fmt/format.h>

#include "orrery/base/error.h"

namespace orrery::cli {

Timestamp moment_of(const std::string& option, const std::string& text) {
  if (const auto moment = parse_timestamp(text)) return *moment;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("{}: a moment is YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ; found '{}'", option, text));
}

}  // namespace orrery::cli
