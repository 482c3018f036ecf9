#pragma once

#include <optional>

namespace orrery {

/// Decimals of an amount at most.
inline constexpr int kMostDecimals = 8;

/// Returns the decimal with the fewest digits, at most eight, within `tolerance` of `value`; else the value.
double shortest_decimal(double value, double tolerance);

/// Returns p/q for the step of a usual split, within a relative tolerance: n for 1, 1 for n, or both small.
/// Nothing for a step that is none, or so near to 1 that it may be a dividend.
std::optional<double> find_split_ratio(double step, double tolerance);

}  // namespace orrery
