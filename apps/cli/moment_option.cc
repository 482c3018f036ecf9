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

std::optional<Date> day_of(const std::string& option, const std::string& text) {
  if (text.empty()) return std::nullopt;
  const auto day = parse_date(text);
  if (day && text.size() == 10) return day;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("{}: a day is YYYY-MM-DD, found '{}'", option, text));
}

}  // namespace orrery::cli
