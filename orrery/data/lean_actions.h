#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/data/lean_files.h"

namespace orrery {

/// What happened to an instrument, by its symbol on that day.
struct LeanAction {
  std::string symbol;
  std::string kind;    ///< "dividend", "split", "rename" or "delisting"
  double value = 0.0;  ///< of a dividend and a split; NaN for the others
  std::string note;    ///< of a rename the new symbol, of a delisting "unknown"
  Date day;            ///< the first session without the dividend, with the split or under the new symbol
};

/// Takes a line that says nothing usable.
using TakeLeanFault = std::function<void(const std::filesystem::path& file, const LeanFault& fault)>;

/// Reads the factor_files and map_files of a folder such as equity/usa, which may lack either, of instruments
/// that ever had one of these symbols (none given: of all).
///
/// A factor file has by row the last day on which a price factor and a split factor hold, and that day's
/// close: two rows after each other tell what was between them. Price factors have seven decimals, so a
/// dividend is close × (1 − factor / next factor) to about 2e-7 of the close; the shortest decimal within is
/// taken. A map file has by row the last day of a ticker; a last day before 2050 is the instrument's end.
/// Source: LEAN's FactorFileRow and MapFileRow, and Documentation of factor and map files.
std::vector<LeanAction> read_lean_actions(const std::filesystem::path& folder,
                                          const std::vector<std::string>& symbols,
                                          const TakeLeanFault& take_fault);

}  // namespace orrery
