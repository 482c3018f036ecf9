#include "orrery/data/time_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "orrery/base/error.h"
#include "orrery/base/letter_case.h"
#include "orrery/data/number_text.h"
#include "orrery/data/price_rows.h"

namespace orrery {
namespace {

constexpr std::string_view kLetters = "YymdbBHIMSfpzaA%";
constexpr std::array<std::string_view, 12> kMonths = {"january",   "february", "march",    "april",
                                                      "may",       "june",     "july",     "august",
                                                      "september", "october",  "november", "december"};

struct Unit {
  std::string_view name;
  std::int64_t nanoseconds;
};
constexpr std::array kUnits = {Unit{"seconds", kNanosecondsPerSecond}, Unit{"milliseconds", 1'000'000},
                               Unit{"microseconds", 1'000}, Unit{"nanoseconds", 1}};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

ToldTime told_from_utc(std::int64_t nanoseconds) {
  const Date day = day_of({nanoseconds});
  return {day, nanoseconds - start_of(day).nanoseconds, true};
}

/// Whole units exactly, parts of a unit to the nanosecond.
std::optional<ToldTime> since_1970(std::string_view text, std::int64_t unit) {
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  std::int64_t product = 0;
  if (error != std::errc() || __builtin_mul_overflow(whole, unit, &product)) return std::nullopt;
  if (end == text.data() + text.size()) return told_from_utc(product);
  double part = 0.0;
  if (*end != '.' ||
      parse_number(std::string_view(end, text.data() + text.size()), part) != NumberText::kNumber)
    return std::nullopt;
  const auto more = static_cast<std::int64_t>(part * static_cast<double>(unit));
  return told_from_utc(text.front() == '-' ? product - more : product + more);
}

/// Whether a time behind a date ends in Z or an offset.
bool tells_offset(std::string_view text) {
  if (text.size() < 12) return false;
  return text.back() == 'Z' || text[text.size() - 6] == '+' || text[text.size() - 6] == '-';
}

std::optional<ToldTime> read_usual(std::string_view text) {
  if (text.size() >= 16 && std::all_of(text.begin(), text.end(), is_digit)) return since_1970(text, 1);
  if (text.size() <= 10) {
    const auto day = parse_price_date(text);
    return day ? std::optional(ToldTime{*day}) : std::nullopt;
  }
  const auto moment = parse_timestamp(text);
  if (!moment || !is_plausible(day_of(*moment))) return std::nullopt;
  auto told = told_from_utc(moment->nanoseconds);
  told.is_utc = tells_offset(text);
  return told;
}

/// Takes a text apart by the letters of a format.
class FormattedTime {
 public:
  explicit FormattedTime(std::string_view text) : text_(text) {}

  std::optional<ToldTime> read(std::string_view format) {
    for (std::size_t i = 0; i < format.size(); ++i) {
      const bool fits = format[i] == '%' && i + 1 < format.size() ? take(format[++i]) : take_plain(format[i]);
      if (!fits) return std::nullopt;
    }
    return text_.empty() ? told() : std::nullopt;
  }

 private:
  bool take(char letter) {
    switch (letter) {
      case 'Y':
        return take_number(4, 4, year_);
      case 'y':
        if (!take_number(2, 2, year_)) return false;
        year_ += year_ < 69 ? 2000 : 1900;
        return true;
      case 'm':
        return take_number(1, 2, month_);
      case 'd':
        return take_number(1, 2, day_);
      case 'H':
      case 'I':
        return take_number(1, 2, hour_);
      case 'M':
        return take_number(1, 2, minute_);
      case 'S':
        return take_number(1, 2, second_);
      case 'f':
        return take_fraction();
      case 'b':
      case 'B':
        return take_month();
      case 'p':
        return take_half();
      case 'z':
        return take_offset();
      case 'a':
      case 'A':
        return take_letters() > 0;
      default:
        return take_plain('%');
    }
  }

  bool take_plain(char expected) {
    if (text_.empty() || text_.front() != expected) return false;
    text_.remove_prefix(1);
    while (expected == ' ' && !text_.empty() && text_.front() == ' ') text_.remove_prefix(1);
    return true;
  }

  bool take_number(std::size_t least, std::size_t most, int& number) {
    std::size_t digits = 0;
    number = 0;
    while (digits < most && digits < text_.size() && is_digit(text_[digits]))
      number = 10 * number + (text_[digits++] - '0');
    text_.remove_prefix(digits);
    return digits >= least;
  }

  bool take_fraction() {
    std::int64_t unit = kNanosecondsPerSecond;
    bool any = false;
    for (; !text_.empty() && is_digit(text_.front()) && unit > 1; any = true) {
      unit /= 10;
      nanoseconds_ += (text_.front() - '0') * unit;
      text_.remove_prefix(1);
    }
    return any;
  }

  std::size_t take_letters() {
    std::size_t letters = 0;
    while (letters < text_.size() && std::isalpha(static_cast<unsigned char>(text_[letters])) != 0) ++letters;
    text_.remove_prefix(letters);
    return letters;
  }

  bool take_month() {
    const auto before = text_;
    const auto letters = take_letters();
    const std::string name = lower_case(before.substr(0, letters));
    for (std::size_t month = 0; month < kMonths.size() && letters >= 3; ++month) {
      if (!kMonths[month].starts_with(name)) continue;
      month_ = static_cast<int>(month) + 1;
      return true;
    }
    return false;
  }

  bool take_half() {
    if (text_.size() < 2 || std::tolower(static_cast<unsigned char>(text_[1])) != 'm') return false;
    const int half = std::tolower(static_cast<unsigned char>(text_[0]));
    text_.remove_prefix(2);
    half_ = half == 'p' ? 12 : 0;
    return half == 'a' || half == 'p';
  }

  bool take_offset() {
    if (take_plain('Z')) {
      offset_minutes_ = 0;
      return true;
    }
    const int sign = !text_.empty() && text_.front() == '-' ? -1 : 1;
    int hours = 0;
    int minutes = 0;
    if (!take_plain('+') && !take_plain('-')) return false;
    if (!take_number(2, 2, hours)) return false;
    take_plain(':');
    if (!take_number(2, 2, minutes)) return false;
    offset_minutes_ = sign * (60 * hours + minutes);
    return true;
  }

  std::optional<ToldTime> told() const {
    const int hour = half_ ? hour_ % 12 + *half_ : hour_;
    if ((half_ && (hour_ < 1 || hour_ > 12)) || hour > 23 || minute_ > 59 || second_ > 59)
      return std::nullopt;
    const auto day = parse_price_date(fmt::format("{:04}{:02}{:02}", year_, month_, day_));
    if (!day) return std::nullopt;
    const std::int64_t since =
        ((hour * 60 + minute_) * 60LL + second_) * kNanosecondsPerSecond + nanoseconds_;
    if (!offset_minutes_) return ToldTime{*day, since};
    return told_from_utc(start_of(*day).nanoseconds + since -
                         *offset_minutes_ * 60LL * kNanosecondsPerSecond);
  }

  std::string_view text_;
  int year_ = 0, month_ = 1, day_ = 1, hour_ = 0, minute_ = 0, second_ = 0;
  std::int64_t nanoseconds_ = 0;
  std::optional<int> half_;  ///< hours that "PM" adds
  std::optional<int> offset_minutes_;
};

}  // namespace

std::optional<Timestamp> ToldTime::moment(const TimeZone& zone) const {
  if (is_utc) return Timestamp{start_of(day).nanoseconds + since_midnight};
  return zone.moment_of(day, since_midnight);
}

std::optional<ToldTime> read_time(std::string_view text, std::string_view format) {
  text = trim(text);
  if (format.empty()) return read_usual(text);
  for (const auto& unit : kUnits) {
    if (unit.name == format) return since_1970(text, unit.nanoseconds);
  }
  return FormattedTime(text).read(format);
}

std::string check_time_format(std::string_view format) {
  const auto named = [&](const Unit& unit) { return unit.name == format; };
  if (format.empty() || std::any_of(kUnits.begin(), kUnits.end(), named)) return "";
  if (format.find('%') == std::string_view::npos)
    return fmt::format(
        "'{}' is neither seconds, milliseconds, microseconds, nanoseconds nor a form such as %d/%m/%Y",
        format);
  for (std::size_t i = 0; i < format.size(); ++i) {
    if (format[i] != '%') continue;
    const char letter = i + 1 < format.size() ? format[++i] : '\0';
    if (letter == '\0' || kLetters.find(letter) == std::string_view::npos)
      return fmt::format(
          "'%{}' is no part of a time here; there are %Y %y %m %d %b %B %H %I %M %S %f %p %z %a %A %%",
          letter == '\0' ? std::string() : std::string(1, letter));
  }
  return "";
}

}  // namespace orrery
