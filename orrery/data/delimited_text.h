#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace orrery {

/// How the lines of an export are to be read.
struct DelimitedForm {
  char delimiter = ',';
  bool is_latin1 = false;            ///< else UTF-8
  std::int64_t skip_lines = 0;       ///< before the header
  std::string after_line;            ///< the header is the line after the one that reads so; "": none
  std::string until_line;            ///< rows end before the line that reads so; "": at the file's end
  std::string comment;               ///< lines that begin so are passed over; "": none
  std::vector<std::string> columns;  ///< names where the file has no header line
};

/// Takes the header, before any row.
using TakeHeader = std::function<void(const std::vector<std::string>& header)>;
/// Takes a row: its line, from 1, and its fields; no fields where its quotes are not closed.
using TakeFields = std::function<void(std::int64_t line, const std::vector<std::string>& fields)>;

/// Reads a text file, packed with gzip where its name ends in .gz. Hands over the header, then every row as
/// it is, whatever its length. Blank lines are passed over, a byte-order mark too; Latin-1 becomes UTF-8.
/// Errors: as read_text_file; kInvalidArgument where there is no header.
void read_delimited(const std::filesystem::path& path, const DelimitedForm& form,
                    const TakeHeader& take_header, const TakeFields& take);

}  // namespace orrery
