#include "orrery/net/internet_date.h"

#include <curl/curl.h>

namespace orrery {

std::optional<Timestamp> parse_internet_date(const std::string& text) {
  if (const auto moment = parse_timestamp(text)) return moment;
  // The library also takes a lone number or word for a part of a date.
  if (text.find(':') == std::string::npos) return std::nullopt;
  const auto seconds = ::curl_getdate(text.c_str(), nullptr);
  if (seconds < 0) return std::nullopt;
  return Timestamp{static_cast<std::int64_t>(seconds) * 1'000'000'000};
}

}  // namespace orrery
