#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "orrery/base/timestamp.h"

namespace orrery {

/// How much an alert matters.
enum class AlertLevel : std::uint8_t {
  kInfo,      ///< good to know
  kWarning,   ///< somebody should look today
  kCritical,  ///< somebody has to act now
};

/// Returns "info", "warning" or "critical"; "" for no level.
std::string_view to_string(AlertLevel level);

/// Something that people are to be told.
struct Alert {
  AlertLevel level = AlertLevel::kInfo;
  std::string key;     ///< what it is about: alerts of one key are one matter, told once
  std::string title;   ///< one line
  std::string text;    ///< more about it; may be empty
  std::string source;  ///< who raised it: "operate daily"
};

/// An alert on its way through a channel.
struct AlertMessage {
  std::int64_t number = 0;  ///< the same where a message has to be sent again
  Alert alert;
  Timestamp raised;
  int untold = 0;          ///< how often the same was raised since it was last told
  bool escalated = false;  ///< nobody acknowledged it in time
};

/// Returns one line: "CRITICAL: fetch failed".
std::string message_heading(const AlertMessage& message);

/// Returns the lines under it: the text, how often it was raised, when, by whom, and how to acknowledge it.
std::string message_body(const AlertMessage& message);

/// Returns at most so many bytes of a text, with "…" where something is left out; no character is cut.
std::string shortened(std::string_view text, std::size_t most_bytes);

}  // namespace orrery
