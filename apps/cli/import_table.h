#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "apps/cli/command_line.h"
#include "orrery/data/table.h"

namespace orrery::cli {

/// A format whose files are one table each.
struct TableFormat {
  std::string name;       ///< of the command
  std::string title;      ///< in sentences, such as "Parquet"
  std::string file_name;  ///< of the example and the help, such as "prices.parquet"
  Table (*read)(const std::filesystem::path& path) = nullptr;
};

/// What `import FORMAT FILE --table NAME` is told.
struct TableArguments {
  std::string path, table, source;
  std::string lake = "lake";
  std::vector<std::string> key;
  bool json = false;

  /// The source that rows get: the one named, or the name of the file.
  std::string source_name() const;
};

/// Adds a command `import FORMAT FILE --table NAME`; `work` runs with what was given.
void add_table_command(CLI::App& import, CommandLine& line, const TableFormat& format,
                       const std::function<void(CommandLine&, const TableArguments&)>& work);

/// Adds the usual one, which adds the rows of a file to a table of a lake as facts
/// (import_facts.h).
void add_import_table(CLI::App& import, CommandLine& line, const TableFormat& format);

}  // namespace orrery::cli
