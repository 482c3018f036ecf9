#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/data/price_columns.h"
#include "orrery/data/quarantine.h"
#include "orrery/data/table.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// A further numeric column. Missing and unreadable values: NaN.
struct FurtherField {
  std::string name;
  std::vector<double> values;
  std::size_t unreadable = 0;  ///< texts that are neither a number nor a mark of a missing one
};

/// What changes the value of a share or the number of shares from one bar to the next.
enum class ActionKind : std::uint8_t {
  kDividend,    ///< cash per share held the evening before
  kSplit,       ///< new shares for an old one
  kAdjustment,  ///< a step of adjusted prices that is neither; nothing is booked for it
};

/// An action that is told apart from the bars.
struct PriceAction {
  std::int32_t symbol = 0;  ///< position in PriceRows::symbols
  Date date;                ///< the first day without it; the next bar there is bears it
  ActionKind kind = ActionKind::kDividend;
  double value = 0.0;
};

/// A price file's rows in file order, as columns. Every row of the file is here.
struct PriceRows {
  static constexpr std::int32_t kUnusable = -1;

  std::vector<std::string> symbols;  ///< distinct
  std::vector<std::int32_t>
      symbol;              ///< by row: position in `symbols`; kUnusable once the row is in quarantine
  std::vector<Date> date;  ///< by row; anything for unusable rows
  /// By row: position in `symbols` of the symbol that the row stood under; empty where no name was changed.
  std::vector<std::int32_t> former;
  std::vector<Rename> renames;     ///< by which names were changed
  std::vector<std::int64_t> line;  ///< by row; empty when row i is line i + 1
  /// By column, by row; no rows at all for a column that the file lacks. Missing: NaN.
  std::array<std::vector<double>, kPriceColumns> values;
  std::vector<FurtherField> further;
  std::vector<std::string> ignored_columns;
  /// Given apart from the bars; there may be none of them. Absent: the columns say what there is to say.
  std::optional<std::vector<PriceAction>> actions;
  std::vector<double> adjustment;  ///< by row: further steps of adjusted prices; empty: none
  Quarantine quarantine;

  std::size_t size() const { return date.size(); }
  bool has(PriceColumn column) const { return !values[column].empty(); }
  std::int64_t line_of(std::size_t row) const {
    return line.empty() ? static_cast<std::int64_t>(row) + 1 : line[row];
  }
  /// Notes a row with its date and symbol and, unless it is kept, marks it unusable.
  void set_aside(std::size_t row, QuarantineReason reason, std::string_view column = "",
                 std::string found = "");
};

/// Reads a file of texts (.csv, .csv.gz) or of columns (table_file.h) by its name. Errors: kNotFound,
/// kDataCorrupt, kInvalidArgument (unknown extension).
PriceRows read_price_rows(const std::filesystem::path& path, int threads);
/// Takes the columns of a table; `name` stands for it in messages.
PriceRows price_rows_of(Table&& table, const std::filesystem::path& name);
PriceRows read_price_rows_csv(const std::filesystem::path& path, int threads);

/// Reads YYYY-MM-DD (a time after it is ignored), YYYYMMDD or YYYY/MM/DD between 1800 and 2200.
std::optional<Date> parse_price_date(std::string_view text);

/// Whether a day lies between 1800 and 2200, outside of which no price is dated.
bool is_plausible(Date date);

}  // namespace orrery
