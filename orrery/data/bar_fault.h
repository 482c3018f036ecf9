#pragma once

#include <optional>
#include <string_view>

namespace orrery {

/// The prices of one bar, and how much was traded. Missing: NaN.
struct BarValues {
  double open = 0.0;
  double high = 0.0;
  double low = 0.0;
  double close = 0.0;
  double volume = 0.0;
};

/// Why values can't be those of a bar.
struct BarFault {
  std::string_view reason;  ///< as it stands in the quarantine
  std::string_view column;
  double found = 0.0;
};

/// Returns the first thing that speaks against a bar: a price that is missing or not above zero, a high below
/// or a low above another price, a volume below zero; nothing for a good one. A missing volume is none.
std::optional<BarFault> find_bar_fault(const BarValues& bar);

}  // namespace orrery
