#pragma once

#include <cstddef>

#include "orrery/data/bar_index.h"
#include "orrery/data/price_rows.h"
#include "orrery/data/prices.h"

namespace orrery {

/// What was counted while the panels were filled.
struct PanelCounts {
  std::size_t bars = 0;
  std::size_t zero_volume = 0;
  std::size_t missing_bars = 0;
  std::size_t dividends = 0;
  std::size_t splits = 0;
  std::size_t unexplained = 0;
  std::size_t unconfirmed = 0;
};

/// Fills fields, raw, present, dividend, split_ratio, first_row, last_row, dates and symbols of a market from
/// checked rows. The result does not depend on `threads`.
MarketData fill_panels(const PriceRows& rows, BarIndex&& index, Adjustment adjustment, int threads,
                       PanelCounts& counts);

}  // namespace orrery
