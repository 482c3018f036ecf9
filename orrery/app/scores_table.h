#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/data/table.h"
#include "orrery/market/factor_frame.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// Long tables (`date, symbol, value…`) from panels and back.

/// A value column of a long table.
struct NamedPanel {
  std::string name;
  const Panel* panel = nullptr;
};

/// Writes one row for every cell where the first panel has a value, by date, then symbol.
Table long_table(const MarketData& market, const std::vector<NamedPanel>& columns);

/// One row per session between each symbol's first and last bar, by date, then symbol; factors as float
/// columns. `factors` holds the values of `sessions` from its first row on.
Table factor_table(const MarketData& market, RowRange sessions, const FactorFrame& factors);

/// How many rows of a table found no place on a market's axes.
struct PlacedRows {
  std::size_t placed = 0;
  std::size_t unknown_symbols = 0;
  std::size_t unknown_dates = 0;
};

/// Places a long table's column on the market's axes; cells without a row are missing. `source` names the
/// table in messages. Errors: kNotFound without the columns `date`, `symbol` and `column`; kInvalidArgument
/// for a column that is not numeric, or two rows for one date and symbol.
Panel place_column(const Table& table, const std::string& column, const MarketData& market,
                   const std::string& source, PlacedRows* rows = nullptr);

/// Reads factor columns (every numeric column besides `date` and `symbol`) of a Parquet file onto the
/// market's axes and appends them. Values are taken as they are: nothing says when they were known. Errors:
/// as place_column; kAlreadyExists for a name that is taken.
void append_factor_file(const std::filesystem::path& path, const MarketData& market, FactorFrame& factors);

}  // namespace orrery
