#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "orrery/data/lake/lake_table.h"
#include "orrery/data/table.h"

namespace orrery {

/// Rows on their way into a table of the lake.
struct LakeRows {
  TableDefinition definition;
  /// Columns beside key and source that name one account of a fact, such as the filing it stands in; a source
  /// may give several accounts of a fact, each known at its own time.
  std::vector<std::string> account;
  Table rows;  ///< with the three times and the source
};

/// Turns rows that a provider delivers into rows of the lake's tables: known by the rule of their source
/// (known_time.h) unless the provider tells, moments rounded up to microseconds as the lake keeps them.
///
/// prices → bars_FREQUENCY as traded, without the source's adjusted close, which depends on the day it is
/// asked; prices that the source has adjusted → adjusted_bars_FREQUENCY; actions → corporate_actions, one row
/// a dividend and a split; trades, funding, macro, fundamentals, quarantine → tables of these names. Any
/// other table goes as it is, to the standard table of its name. Errors: kNotFound where a table has no
/// standard definition or a column is missing.
std::vector<LakeRows> facts_of(std::string_view table, Table rows, const std::string& frequency);

/// Rounds the moments of rows as the lake keeps them: microseconds; a finer one goes up to the next, so that
/// nothing is known before its time. Missing ones (kMissingInteger) stay.
void round_moments(Table& rows, const DeltaSchema& schema);

/// Returns the table of the lake that a provider's table goes to, where its prices are as traded.
std::string lake_table_of(std::string_view table, const std::string& frequency);

}  // namespace orrery
