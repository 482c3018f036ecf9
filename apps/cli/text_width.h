#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace orrery::cli {

/// Returns the number of characters of UTF-8 text.
std::size_t display_width(std::string_view text);

/// Cuts a text that is wider than `width` off with "…".
std::string cut_to(std::string_view text, std::size_t width);

/// Fills a text up with spaces, or cuts it with "…", so that it is `width` characters wide.
std::string pad(std::string_view text, std::size_t width, bool right);

}  // namespace orrery::cli
