#include "orrery/net/retry_policy.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {
namespace {

constexpr std::int64_t kNanoseconds = 1'000'000'000;
constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::optional<int> parse_integer(std::string_view text) {
  int value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::vector<std::string_view> words_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> words;
  while (!text.empty()) {
    const auto begin = text.find_first_not_of(separators);
    if (begin == std::string_view::npos) break;
    text.remove_prefix(begin);
    const auto end = std::min(text.find_first_of(separators), text.size());
    words.push_back(text.substr(0, end));
    text.remove_prefix(end);
  }
  return words;
}

std::optional<Date> parse_day(std::string_view day, std::string_view month, std::string_view year) {
  const auto found = std::find(kMonths.begin(), kMonths.end(), month);
  const auto day_number = parse_integer(day);
  const auto year_number = parse_integer(year);
  if (found == kMonths.end() || !day_number || !year_number || year.size() != 4) return std::nullopt;
  try {
    return make_date(*year_number, static_cast<int>(found - kMonths.begin()) + 1, *day_number);
  } catch (const std::exception&) {
    return std::nullopt;
  }
}

std::optional<std::int64_t> parse_seconds_of_day(std::string_view text) {
  const auto parts = words_of(text, ":");
  if (parts.size() < 2 || parts.size() > 3) return std::nullopt;
  std::int64_t seconds = 0;
  for (std::size_t i = 0; i < 3; ++i) {
    const auto part = i < parts.size() ? parse_integer(parts[i]) : std::optional<int>(0);
    if (!part || *part > (i == 0 ? 23 : 60)) return std::nullopt;
    seconds = seconds * 60 + *part;
  }
  return seconds;
}

std::optional<std::int64_t> parse_offset(std::string_view text) {
  if (text == "GMT" || text == "UT" || text == "UTC" || text == "Z") return 0;
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const auto number = parse_integer(text.substr(1));
  if (!number) return std::nullopt;
  const std::int64_t seconds = (*number / 100 * 60 + *number % 100) * 60;
  return text[0] == '-' ? -seconds : seconds;
}

}  // namespace

double backoff_seconds(const RetryPolicy& policy, int attempt, Random& random) {
  const double doubled = policy.first_wait_seconds * std::pow(2.0, std::min(attempt - 1, 40));
  return std::min(doubled, policy.longest_wait_seconds) * (0.5 + 0.5 * random.uniform());
}

bool is_passing_status(int status) {
  return status == 408 || status == 425 || status == 429 || status == 500 || status == 502 || status == 503 ||
         status == 504;
}

std::optional<double> parse_retry_after(std::string_view text, Timestamp now) {
  if (const auto seconds = parse_integer(text)) return *seconds;
  const auto moment = parse_http_date(text);
  if (!moment) return std::nullopt;
  return std::max(0.0, static_cast<double>(moment->nanoseconds - now.nanoseconds) / double{kNanoseconds});
}

std::optional<Timestamp> parse_http_date(std::string_view text) {
  auto words = words_of(text, " \t\r\n,");
  if (words.size() == 6) words.erase(words.begin());
  if (words.size() != 5) return std::nullopt;
  const auto day = parse_day(words[0], words[1], words[2]);
  const auto seconds = parse_seconds_of_day(words[3]);
  const auto offset = parse_offset(words[4]);
  if (!day || !seconds || !offset) return std::nullopt;
  return Timestamp{start_of(*day).nanoseconds + (*seconds - *offset) * kNanoseconds};
}

}  // namespace orrery
