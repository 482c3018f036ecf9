#pragma once

#include <filesystem>
#include <string>

#include "apps/cli/command_line.h"
#include "orrery/data/table.h"

namespace orrery::cli {

/// A format whose files are one table each.
struct TableFormat {
  std::string name;       ///< of the command
  std::string title;      ///< in sentences, such as "Parquet"
  std::string file_name;  ///< of the example and the help, such as "prices.parquet"
  Table (*read)(const std::filesystem::path& path);
};

/// Adds `import FORMAT FILE --table NAME`, which adds the rows of a file to a table of a lake as facts
/// (import_facts.h).
void add_import_table(CLI::App& import, CommandLine& line, const TableFormat& format);

}  // namespace orrery::cli
