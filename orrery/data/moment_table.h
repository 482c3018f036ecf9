#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/data/csv.h"

namespace orrery {

/// A small table whose rows have a moment each: bars of less than a day, funding rates.
struct MomentTable {
  TextTable text;
  std::vector<Timestamp> moments;  ///< by row of the text
};

/// Reads .csv, .csv.gz or a file of columns with a column of moments: the first of `names` (any case) that
/// there is. Moments: of a column of them, or texts as YYYY-MM-DDTHH:MM:SS, with an offset or in UTC, or 13
/// digits, milliseconds since 1970, or 16 and more, nanoseconds. Errors: as read_text_table; kNotFound
/// without such a column; kInvalidArgument, with file, line and column, for a text that is no moment.
MomentTable read_moment_table(const std::filesystem::path& path, const std::vector<std::string>& names);

/// Returns the number at a place of a table. Errors: kInvalidArgument, with file, line and column, where none
/// is.
double number_at(const TextTable& table, std::size_t row, std::size_t column);

/// Reads a moment as read_moment_table does. Errors: as there.
Timestamp moment_at(const TextTable& table, std::size_t row, std::size_t column);

}  // namespace orrery
