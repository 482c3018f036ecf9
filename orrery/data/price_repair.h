#pragma once

#include <vector>

#include "orrery/data/price_history.h"

namespace orrery {

/// What prices of before a split are.
enum class SplitBasis : std::uint8_t {
  kAdjusted,  ///< divided by later splits, as Yahoo gives them
  kAsTraded,  ///< as they were; a split's day has a jump
};

/// Which faults are looked for.
struct RepairRules {
  bool splits = true;
  bool units = true;
  bool dividends = true;  ///< with the adjusted closes
  bool flags = true;      ///< what is told and left as it is
};

/// A history as it should be, and all that was found.
struct PriceRepair {
  PriceHistory history;
  std::vector<PriceFinding> findings;  ///< repairs in the order of their making, then flags by row
};

/// Returns how a source gives prices of before a split: as traded where its adjusted closes take the splits
/// off, else adjusted.
SplitBasis split_basis_of(const PriceHistory& history);

/// Repairs one instrument's history: splits, then 100x units, then dividends and adjusted closes, then flags
/// what can't be decided. A history without faults keeps every bit. The rules and where they come from:
/// docs/data-quality.md. Errors: kInvalidArgument where columns have different lengths or days go back.
PriceRepair repair_prices(PriceHistory history, SplitBasis basis, const RepairRules& rules = {});

}  // namespace orrery
