#pragma once

#include <cstddef>
#include <vector>

#include "orrery/data/price_history.h"

namespace orrery {

/// Row by row the median of open, high, low and close, of those that are prices; NaN where none is.
std::vector<double> row_levels(const PriceHistory& history);

/// Whether somebody traded in a row. Where no row of the source has a volume, all count as traded.
std::vector<bool> traded_rows(const PriceHistory& history);

/// A change of level between two rows next to each other, among the rows that have prices.
struct LevelJump {
  std::size_t row = 0;     ///< the first with the new level
  std::size_t before = 0;  ///< the last with the old one
  int sign = 0;            ///< 1: times the ratio; −1: divided by it
};

/// Finds the jumps from row to row in [first, last) that are nearer than `tolerance` (of the logarithm) to a
/// ratio or its inverse.
std::vector<LevelJump> find_level_jumps(const std::vector<double>& levels, double ratio, double tolerance,
                                        std::size_t first, std::size_t last);

/// Multiplies the prices of rows [first, last] and says so in a finding. The adjusted close goes along where
/// its ratio to the close is then nearer to that of the rows beside.
PriceFinding scale_prices(PriceHistory& history, std::size_t first, std::size_t last, double factor);

/// Multiplies one price column of one row, and the adjusted close as above where the column is the close.
/// Exact division for factors below 1: 3480 × 0.01 is written 34.8.
void scale_cell(PriceHistory& history, std::vector<double>& column, std::size_t row, double factor);

}  // namespace orrery
