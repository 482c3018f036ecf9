#include "orrery/base/date.h"

#include <fmt/format.h>

#include <chrono>

#include "orrery/base/error.h"

namespace orrery {
namespace {

std::chrono::year_month_day to_chrono(Date date) {
  return std::chrono::year_month_day(std::chrono::sys_days(std::chrono::days(date.days)));
}

Date from_chrono(std::chrono::year_month_day ymd) {
  return {static_cast<std::int32_t>(std::chrono::sys_days(ymd).time_since_epoch().count())};
}

std::optional<int> parse_digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

std::chrono::year_month_day chrono_day(int year, int month, int day) {
  return {std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
          std::chrono::day(static_cast<unsigned>(day))};
}

}  // namespace

Date make_date(int year, int month, int day) {
  const auto ymd = chrono_day(year, month, day);
  if (!ymd.ok()) {
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("no such day: {}-{}-{}", year, month, day));
  }
  return from_chrono(ymd);
}

YearMonthDay year_month_day(Date date) {
  const auto ymd = to_chrono(date);
  return {static_cast<int>(ymd.year()), static_cast<int>(static_cast<unsigned>(ymd.month())),
          static_cast<int>(static_cast<unsigned>(ymd.day()))};
}

int weekday(Date date) {
  const std::chrono::weekday day{std::chrono::sys_days(std::chrono::days(date.days))};
  return static_cast<int>(day.iso_encoding()) - 1;
}

Date add_months(Date date, int months) {
  const auto ymd = to_chrono(date);
  const auto month = std::chrono::year_month(ymd.year(), ymd.month()) + std::chrono::months(months);
  const std::chrono::year_month_day shifted = month / ymd.day();
  if (shifted.ok()) return from_chrono(shifted);
  return from_chrono(std::chrono::year_month_day(month / std::chrono::last));
}

std::optional<Date> parse_date(std::string_view text) {
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  if (text.size() > 10 && text[10] != 'T' && text[10] != ' ') return std::nullopt;
  const auto year = parse_digits(text.substr(0, 4));
  const auto month = parse_digits(text.substr(5, 2));
  const auto day = parse_digits(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const auto ymd = chrono_day(*year, *month, *day);
  if (!ymd.ok()) return std::nullopt;
  return from_chrono(ymd);
}

std::string to_string(Date date) {
  const auto [year, month, day] = year_month_day(date);
  return fmt::format("{:04}-{:02}-{:02}", year, month, day);
}

}  // namespace orrery
