#pragma once

#include <vector>

#include "orrery/data/price_history.h"

namespace orrery {

/// Finds wrong dividends and wrong adjustments for them, and undoes them: dividends that are 100 times off,
/// stand twice or on the wrong day, and adjusted closes that leave a dividend out, show it several times too
/// large or take a capital gain off twice. Adjusted closes are chained anew from the first day that is
/// changed. Prices must be adjusted for splits, as those of Yahoo are, and free of 100x errors.
///
/// What a dividend may be is weighed by three witnesses: the fall of the price on its day against usual days,
/// the part that the adjusted closes take off, and what dividends usually are. Dividends that speak alike are
/// judged together. Look-ahead: the whole history is used; repaired values are known when the repair is made.
/// Source of the weights: docs/data-quality.md.
std::vector<PriceFinding> repair_dividends(PriceHistory& history);

}  // namespace orrery
