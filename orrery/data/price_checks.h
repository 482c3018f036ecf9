#pragma once

#include "orrery/data/price_rows.h"

namespace orrery {

/// Sets aside every row that can't be a bar: empty or infinite values, prices of zero or less, negative
/// volume, negative actions, a high or low that other prices exceed by more than rounding. One reason a row,
/// the first in that order.
/// `keep_impossible_bars`: the last of these rules is not applied.
void check_bars(PriceRows& rows, bool keep_impossible_bars, int threads);

/// Sets aside rows whose date lies more than a year away from all others, when such a group holds less than
/// one row in a hundred: slips of the year, which would stretch the calendar.
void check_isolated_dates(PriceRows& rows);

}  // namespace orrery
