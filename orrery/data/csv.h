#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/data/table.h"

namespace orrery {

/// A small comma-separated file as texts: sectors, delistings, membership. Big files of numbers go through
/// load_prices.
struct CsvText {
  std::vector<std::string> header;
  std::vector<std::vector<std::string>> rows;  ///< each with as many fields as the header
  std::vector<std::size_t> lines;              ///< by row: its line in the file, the header being line 1
};

/// Reads `.csv` or `.csv.gz`: header first, fields may be quoted ("" for a quote), CRLF and a byte-order mark
/// are accepted, blank lines are skipped, spaces around fields are removed.
/// Errors: kNotFound, kDataCorrupt (cut off gzip), kInvalidArgument with the line whose field count differs.
CsvText read_csv_text(const std::filesystem::path& path);

/// Returns the position of the first of `names` (any case) in a header.
/// Errors: kNotFound, naming the file, the columns found and the nearest spelling.
std::size_t find_csv_column(const CsvText& csv, const std::filesystem::path& path,
                            const std::vector<std::string>& names);

/// Writes a table as comma-separated text with a header: dates as YYYY-MM-DD, numbers in the shortest form
/// that reads back to the same bits, missing values empty, texts quoted where they must be.
/// The file appears whole or not at all. Errors: kIo.
void write_csv(const Table& table, const std::filesystem::path& path);

}  // namespace orrery
