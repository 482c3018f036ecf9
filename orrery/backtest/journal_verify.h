#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/data/table.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// One number of the books that the rebuilt account does not confirm.
struct JournalDifference {
  Date date;
  std::string what;          ///< "cash", "equity", "quantity", "price", "value", …
  std::string symbol;        ///< "" for the whole account
  std::int64_t rebuilt = 0;  ///< micro-units
  std::int64_t written = 0;  ///< micro-units
};

struct JournalVerification {
  std::size_t sessions = 0;
  std::size_t entries = 0;
  std::vector<JournalDifference> differences;  ///< in order of time, at most 100; empty: verified

  bool verified() const { return differences.empty(); }
  /// One line for a person: what was confirmed, or the first session that differs and by how much.
  std::string summary() const;
};

/// Rebuilds cash, positions and equity of every session from `trades` (as trades_table writes them) and the
/// closing prices in `positions` alone, and compares them to the micro-unit with `positions` and `equity`.
/// Uses none of the engine's code. Errors: kNotFound, kInvalidArgument when a table lacks a column or has a
/// wrong type.
JournalVerification verify_journal(const Table& trades, const Table& positions, const Table& equity);

/// Compares the prices in `positions` with the raw closes of the data that the run was made from: equal on
/// sessions with a bar, unchanged (apart from splits) on sessions without.
std::vector<JournalDifference> verify_prices(const Table& positions, const MarketData& market);

}  // namespace orrery
