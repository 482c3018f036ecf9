#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/price_repair.h"

namespace orrery {

/// What to look at, and whether to repair it.
struct ValidationRequest {
  std::string table = "bars_1d";          ///< a table of daily bars as traded
  std::vector<std::string> symbols = {};  ///< only these; empty: all
  RepairRules rules = {};
  bool repair = false;
  Timestamp now = {};  ///< what is known by now is looked at; repairs are known from now on
};

/// A finding with the names and days of its rows.
struct SymbolFinding {
  std::string symbol;
  std::string source;  ///< of the last of the rows
  Date first, last;
  PriceFinding finding;
};

/// What a validation found and did.
struct Validation {
  std::size_t symbols = 0, rows = 0;
  std::vector<SymbolFinding> findings;  ///< by symbol
  std::size_t repaired_bars = 0;        ///< rows added to the table
  std::size_t repaired_actions = 0;     ///< rows added to corporate_actions
};

/// The source of rows that a repair adds.
inline constexpr const char* kRepairSource = "repair";

/// Looks for mistakes in the bars that are known by now, symbol by symbol, with the dividends and splits of
/// corporate_actions (docs/data-quality.md). A jump that another source of the table shows too is the
/// market's, and not told.
///
/// With `repair` the repaired bars and actions become new facts of the source `repair`, known from now on;
/// what was known before stays as it was, and an action that never happened has the value 0 from now on. A
/// note of every repair goes into the table quarantine. Nothing is added where nothing is wrong, so that a
/// second run adds nothing. Errors: kNotFound where there is no such table, as LakeTable::append.
Validation validate_bars(Lake& lake, const ValidationRequest& request);

}  // namespace orrery
