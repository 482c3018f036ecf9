#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/error.h"
#include "orrery/data/date_column.h"
#include "orrery/data/table.h"

namespace orrery {

/// A small table as texts: sectors, delistings, membership. Big files of numbers go through load_prices.
struct TextTable {
  std::filesystem::path path;  ///< where it came from, for messages
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each with as many fields as the header
  std::vector<std::size_t>
      lines;  ///< by row: its line, the header being line 1; its row from 1 in a file of columns
};

/// Reads `.csv`, `.csv.gz` or a file of columns (table_file.h). Comma-separated text has its header first;
/// fields may be quoted ("" for a quote), CRLF and a byte-order mark are accepted, blank lines skipped,
/// spaces around fields removed. Dates of such a file become YYYY-MM-DD, moments nanoseconds since 1970,
/// numbers their shortest text, missing values "". Errors: kNotFound, kDataCorrupt (cut off gzip),
/// kInvalidArgument with the line whose field count differs.
TextTable read_text_table(const std::filesystem::path& path, DateColumn dates = DateColumn::kDays);

/// Returns the position of the first of `names` (any case) in the header; nothing where the table has none.
std::optional<std::size_t> find_column(const TextTable& table, const std::vector<std::string>& names);

/// Finds a column that has to be there, as find_column does.
/// Errors: kNotFound, naming the file, the columns found and the nearest spelling.
std::size_t find_text_column(const TextTable& table, const std::vector<std::string>& names);

/// Makes the error of what is wrong with one cell: "FILE, line N, column 'C': PROBLEM, found 'X'".
Error cell_fault(const TextTable& table, std::size_t row, std::size_t column, std::string_view problem);

/// Returns the day at a place of a table. Errors: kInvalidArgument, as cell_fault, for a text that is not
/// YYYY-MM-DD.
Date day_at(const TextTable& table, std::size_t row, std::size_t column);

/// Writes a table as comma-separated text with a header: dates as YYYY-MM-DD, numbers in the shortest form
/// that reads back to the same bits, missing values empty, texts quoted where they must be.
/// The file appears whole or not at all. Errors: kIo.
void write_csv(const Table& table, const std::filesystem::path& path);

/// Appends a field of comma-separated text, in quotes where it must be.
void append_csv_field(std::string_view text, std::string& out);

/// Splits one line of text at a delimiter; quotes are removed. `fields` is emptied first; its strings are
/// reused. Returns false when a quote is not closed.
bool split_csv_line(std::string_view line, std::vector<std::string>& fields, char delimiter = ',');

}  // namespace orrery
