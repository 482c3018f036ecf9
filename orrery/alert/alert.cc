#include "orrery/alert/alert.h"

#include <fmt/format.h>

namespace orrery {
namespace {

constexpr std::string_view kLeftOut = "…";

std::string_view in_capitals(AlertLevel level) {
  switch (level) {
    case AlertLevel::kInfo:
      return "Info";
    case AlertLevel::kWarning:
      return "WARNING";
    case AlertLevel::kCritical:
      return "CRITICAL";
  }
  return "";
}

}  // namespace

std::string_view to_string(AlertLevel level) {
  switch (level) {
    case AlertLevel::kInfo:
      return "info";
    case AlertLevel::kWarning:
      return "warning";
    case AlertLevel::kCritical:
      return "critical";
  }
  return "";
}

std::string message_heading(const AlertMessage& message) {
  return fmt::format("{}{}: {}", message.escalated ? "Nobody acknowledged: " : "",
                     in_capitals(message.alert.level), message.alert.title);
}

std::string message_body(const AlertMessage& message) {
  std::string body = message.alert.text;
  if (!body.empty() && body.back() != '\n') body += '\n';
  if (message.untold > 0) {
    body += fmt::format("The same was raised {} more {} since it was last told.\n", message.untold,
                        message.untold == 1 ? "time" : "times");
  }
  body += fmt::format("Alert {} of {}, raised {}\n", message.number, message.alert.source,
                      to_string(message.raised));
  return body;
}

std::string shortened(std::string_view text, std::size_t most_bytes) {
  if (text.size() <= most_bytes) return std::string(text);
  std::size_t end = most_bytes - kLeftOut.size();
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0U) == 0x80U) --end;
  return std::string(text.substr(0, end)) + std::string(kLeftOut);
}

}  // namespace orrery
