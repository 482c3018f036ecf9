#include "orrery/factor/expression_error.h"

#include <fmt/format.h>

#include <algorithm>

namespace orrery {
namespace {

constexpr std::size_t kShownBytes = 100;

/// Replaces what would break the caret's line: tabs, line ends and other control characters.
std::string one_line(std::string_view text) {
  std::string result(text);
  std::replace_if(
      result.begin(), result.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; }, ' ');
  return result;
}

/// Counts the characters of UTF-8 text, so that the caret stands right behind letters of more than one byte.
std::size_t character_count(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(
      text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }));
}

}  // namespace

Error expression_error(std::string_view factor, std::string_view text, std::size_t position,
                       const std::string& reason) {
  position = std::min(position, text.size());
  // Of several lines only the one with the place is shown.
  const auto before = position == 0 ? std::string_view::npos : text.rfind('\n', position - 1);
  const std::size_t line = before == std::string_view::npos ? 0 : before + 1;
  text = text.substr(line, text.find('\n', position) - line);
  position -= line;
  const std::size_t begin = position > kShownBytes / 2 ? position - kShownBytes / 2 : 0;
  const std::string_view shown = text.substr(begin, kShownBytes);
  const std::size_t indent = character_count(shown.substr(0, position - begin));
  return user_error(ErrorCode::kInvalidArgument, fmt::format("factor '{}': {}\n  {}\n  {}^", factor, reason,
                                                             one_line(shown), std::string(indent, ' ')));
}

}  // namespace orrery
