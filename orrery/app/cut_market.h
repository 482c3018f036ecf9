#pragma once

#include <cstddef>

#include "orrery/market/market_data.h"

namespace orrery {

/// Returns the market as it would have been read from files that end with session `last_row`: later sessions,
/// instruments without a bar by then, and later delistings are unknown, and every instrument's life ends with
/// its last bar by then. Columns keep their order. Errors: kInvalidArgument for a row outside the market, or
/// one by which no instrument has a bar.
MarketData cut_market(const MarketData& market, std::size_t last_row);

}  // namespace orrery
