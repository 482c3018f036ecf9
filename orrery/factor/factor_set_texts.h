#pragma once

#include <span>
#include <string_view>

namespace orrery {

/// A file of orrery/factor/sets: its name without `.factors`, and its text.
struct FactorSetText {
  std::string_view name;
  std::string_view text;
};

/// Returns the embedded files, sorted by name. Generated at configure time.
std::span<const FactorSetText> factor_set_texts();

}  // namespace orrery
