#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "orrery/data/bar_index.h"
#include "orrery/data/corporate_actions.h"
#include "orrery/data/price_rows.h"

namespace orrery {

/// Returns the values of some rows; nothing for a column that the file lacks.
std::vector<double> gather(const std::vector<double>& values, std::span<const std::size_t> rows);

/// Returns half a unit of the last decimal that the file's prices are written with: two at least, and as many
/// in both columns of closes. The result does not depend on `threads`.
double price_rounding(const PriceRows& rows, int threads);

/// Marks the bars that stood under another symbol than the one before; empty where there are none.
std::vector<std::uint8_t> joins_of(const PriceRows& rows, std::span<const std::size_t> bars);

/// Finds what happened between the good bars of one instrument, which `bars` names in the order of time.
ActionSeries actions_of(const PriceRows& rows, std::span<const std::size_t> bars, double rounding);

/// Finds what happened between the good bars of all instruments, from the columns that say it.
std::vector<PriceAction> find_all_actions(const PriceRows& rows, const BarIndex& index, int threads);

/// Writes rows.actions into the columns `dividend` and `split_ratio` and into `adjustment`: each at the first
/// good bar of its symbol on or after its date. Several at one bar: dividends add up, the others multiply. An
/// action behind the last bar changes nothing; nothing happens where rows.actions is absent.
void place_actions(const BarIndex& index, PriceRows& rows);

}  // namespace orrery
