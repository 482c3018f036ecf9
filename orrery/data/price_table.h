#pragma once

#include <array>
#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/data/csv.h"
#include "orrery/data/price_history.h"

namespace orrery {

/// One instrument of a price table.
struct TableInstrument {
  std::string symbol;             ///< empty where the table has no column for it
  std::vector<std::size_t> rows;  ///< by row of the history: that of the table
  PriceHistory history;           ///< ascending in time, whatever the order of the table
};

/// A price file as histories of its instruments, to be repaired and written again with all else as it was:
/// columns without a meaning here, the order of rows, and the texts of values that did not change.
class PriceTable {
 public:
  /// Reads .csv, .csv.gz or .parquet with the columns of docs/data.md; `symbol` may be absent, `capital_gain`
  /// (`capital gains`) may be there. Errors: as read_text_table; kNotFound for a missing column of prices;
  /// kInvalidArgument, with the line, for a day or number that can't be read.
  explicit PriceTable(const std::filesystem::path& path);

  const std::vector<TableInstrument>& instruments() const { return instruments_; }

  /// Writes the values in which `repaired` differs from an instrument's history into the table.
  void put(std::size_t instrument, const PriceHistory& repaired);

  /// Writes the table as comma-separated text. The file appears whole or not at all. Errors: kIo.
  void write(const std::filesystem::path& path) const;

 private:
  using Values = std::vector<double> PriceHistory::*;

  void find_columns();
  void read_instruments();
  void read_row(TableInstrument& instrument, std::size_t row) const;
  double number(std::size_t row, std::size_t column) const;

  TextTable table_;
  std::size_t date_ = 0;
  std::optional<std::size_t> symbol_;
  std::vector<std::pair<Values, std::size_t>> columns_;
  std::vector<TableInstrument> instruments_;
};

}  // namespace orrery
