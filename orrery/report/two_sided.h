#pragma once

namespace orrery {

/// |t| that 5 % of statistics without anything behind them exceed (normal, two-sided).
inline constexpr double kTwoSided95 = 1.96;

}  // namespace orrery
