#include "orrery/portfolio/saved_count.h"

#include <fmt/format.h>

#include <charconv>

#include "orrery/base/error.h"

namespace orrery {

std::string save_count(int count) { return fmt::format("{}", count); }

int restore_count(std::string_view saved) {
  int count = 0;
  const char* const end = saved.data() + saved.size();
  const auto [stop, failure] = std::from_chars(saved.data(), end, count);
  if (failure != std::errc() || stop != end) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("a strategy's saved state must be a whole number; found '{}'", saved));
  }
  return count;
}

}  // namespace orrery
