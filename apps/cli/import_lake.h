#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>

#include "apps/cli/command_line.h"
#include "orrery/data/lake/add_versions.h"
#include "orrery/data/lake/import_facts.h"

namespace orrery::cli {

/// What the imports share that fill a lake with facts and may be repeated.
struct ImportArguments {
  std::string path, source, universe;
  std::string lake = "lake";
  std::string table = "bars_1d";
  bool json = false;
};

/// Adds `import NAME PATH [--lake] [--source] [--json]`; `work` runs with what was given.
CLI::App* add_lake_import(CLI::App& import, CommandLine& line, const std::string& name,
                          const std::string& summary, const std::string& example,
                          void (*work)(CommandLine&, const ImportArguments&),
                          const std::shared_ptr<ImportArguments>& arguments);

/// The source that rows get: the one named, or the name of the file.
FactSource source_of(const ImportArguments& arguments);

/// What became of the rows of a table, by name for --json and as a line.
std::map<std::string, std::int64_t> changes_numbers(const AddedVersions& changes);
std::string changes_text(const std::string& table, const AddedVersions& changes);

/// One line a reason for which rows were left out.
std::string quarantine_text(const std::map<std::string, std::size_t>& reasons);

}  // namespace orrery::cli
