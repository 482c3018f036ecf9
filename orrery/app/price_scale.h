#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

#include "orrery/market/factor_frame.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// A factor that sees the level of prices, not only their changes: where it changes most when all prices of a
/// symbol are multiplied.
struct AdjustmentDependence {
  std::string factor;
  Date date;
  double before = 0.0;
  double after = 0.0;
};

/// Returns the instrument with the most bars; of equals the first.
std::size_t longest_lived(const MarketData& market);

/// Multiplies one instrument's open, high, low, close and vwap fields by 4 and divides its volume by 4 (both
/// exact in binary), computes the factors again, and returns those of the instrument that changed by more
/// than a thousandth of their mean size. Raw prices and other fields stay. `factors`: of `market` itself.
/// A factor that changes depends on where the price adjustment starts from.
std::vector<AdjustmentDependence> adjustment_dependence(
    const MarketData& market, std::size_t instrument, const FactorFrame& factors,
    const std::function<FactorFrame(const MarketData&)>& compute);

}  // namespace orrery
