#pragma once

#include <cstddef>
#include <vector>

#include "plugins/providers/simulated/bars.h"

namespace orrery::plugins::providers::simulated {

/// One row of the delivered table.
struct PriceRow {
  std::size_t instrument = 0;
  Bar bar;
};

/// Delivered rows, with what was done to them.
struct DeliveredRows {
  std::vector<PriceRow> rows;
  std::vector<DamagedRow> damage;  ///< ascending by row; `date` and `symbol` are left to the caller
  std::size_t missing_rows = 0;
  std::size_t halts = 0;
  std::size_t halted_rows = 0;
};

/// Turns clean series into what a provider of ordinary quality would deliver. First and last bars of a series
/// are spared, so that its life can still be told. Without `options.damage` all rows are delivered as they
/// are.
DeliveredRows deliver(const SimulatedMarketOptions& options, const std::vector<BarSeries>& series);

}  // namespace orrery::plugins::providers::simulated
