#pragma once

#include <vector>

#include "orrery/data/price_history.h"

namespace orrery {

/// Tells what looks wrong in prices, where nothing says what would be right: rows without prices, impossible
/// shapes, moves beyond 12 robust standard deviations of the days around that no dividend explains, and the
/// same five values on five rows or more that were traded. Prices must be adjusted for splits.
std::vector<PriceFinding> flag_prices(const PriceHistory& history);

}  // namespace orrery
