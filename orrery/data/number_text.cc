#include "orrery/data/number_text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace orrery {
namespace {

constexpr std::array kPowersOfTen = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                     1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
constexpr std::uint64_t kLargestExactInteger = 1ULL << 53;
constexpr std::size_t kMostDigits = 18;

/// Reads plain digits with at most one point. One correctly rounded division of two exact numbers gives the
/// nearest double (Clinger 1990, "How to read floating point numbers accurately", the fast path).
bool parse_plain(std::string_view text, double& value) {
  std::size_t i = 0;
  const bool negative = text[0] == '-';
  if (negative) ++i;
  std::uint64_t digits = 0;
  std::size_t count = 0;
  std::size_t decimals = 0;
  bool after_point = false;
  for (; i < text.size(); ++i) {
    const auto digit = static_cast<unsigned>(text[i] - '0');
    if (digit <= 9) {
      digits = digits * 10 + digit;
      ++count;
      decimals += after_point ? 1U : 0U;
    } else if (text[i] == '.' && !after_point) {
      after_point = true;
    } else {
      return false;
    }
  }
  if (count == 0 || count > kMostDigits || digits > kLargestExactInteger) return false;
  const double magnitude = static_cast<double>(digits) / kPowersOfTen[decimals];
  value = negative ? -magnitude : magnitude;
  return true;
}

bool parse_any(std::string_view text, double& value) {
  if (text.front() == '+') {
    text.remove_prefix(1);
    if (text.empty() || text.front() == '-') return false;
  }
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), value);
  return failure == std::errc() && end == text.data() + text.size() && std::isfinite(value);
}

bool marks_missing(std::string_view text) {
  constexpr std::array<std::string_view, 6> kMarks = {"nan", "null", "none", "na", "n/a", "."};
  return std::any_of(kMarks.begin(), kMarks.end(), [text](std::string_view mark) {
    return std::equal(text.begin(), text.end(), mark.begin(), mark.end(),
                      [](char a, char b) { return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b; });
  });
}

}  // namespace

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

NumberText parse_number(std::string_view text, double& value) {
  text = trim(text);
  if (!text.empty() && (parse_plain(text, value) || parse_any(text, value))) return NumberText::kNumber;
  value = std::numeric_limits<double>::quiet_NaN();
  return text.empty() || marks_missing(text) ? NumberText::kEmpty : NumberText::kNoNumber;
}

std::string number_text(double value) {
  if (std::isnan(value)) return "";
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), result.ptr};
}

}  // namespace orrery
