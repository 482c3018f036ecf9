#include "apps/cli/text_width.h"

#include <algorithm>

namespace orrery::cli {
std::size_t display_width(std::string_view text) {
  return static_cast<std::size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string cut_to(std::string_view text, std::size_t width) {
  if (display_width(text) <= width) return std::string(text);
  std::string result;
  std::size_t used = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool starts = (text[i] & 0xC0) != 0x80;
    if (starts && used + 1 >= width) break;
    used += starts ? 1 : 0;
    result += text[i];
  }
  return result + "…";
}

std::string pad(std::string_view text, std::size_t width, bool right) {
  const std::string cut = cut_to(text, width);
  const std::string space(width - std::min(width, display_width(cut)), ' ');
  return right ? space + cut : cut + space;
}

}  // namespace orrery::cli
