#pragma once

#include <cstddef>
#include <span>

#include "orrery/market/panel.h"

namespace orrery {

/// Writes what was earned by instrument from the close of session row + `entry` to that of row + `exit`,
/// 0 <= entry < exit: close[row + exit] / close[row + entry] - 1. `closes` are adjusted. Missing: NaN where
/// either close is missing or the exit lies behind the data. Look-ahead: `exit` sessions, by nature.
void fill_forward_returns(const Panel& closes, std::size_t row, int entry, int exit, std::span<double> out);

}  // namespace orrery
