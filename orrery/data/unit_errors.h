#pragma once

#include <vector>

#include "orrery/data/price_history.h"

namespace orrery {

/// Finds prices that are 100 times too large or too small (pence for pounds, cents for dollars), single ones,
/// single rows and long stretches, and undoes them.
/// - A price is held against the median of all prices of five rows around it.
/// - A stretch begins or ends with a jump by 100 (50 to 200). Where there is one jump and three rows or more
///   stand behind it, the rows behind it are right: that is what the source says today. Else the level that
///   most rows have is right.
/// - Prices of a row that nobody traded are carried or quoted; a jump beside one is told, and left as it is.
///   So is a lasting jump with a volume that moves the other way: most likely a split that is not listed.
std::vector<PriceFinding> repair_units(PriceHistory& history);

}  // namespace orrery
