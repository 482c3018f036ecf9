#include "orrery/data/feather.h"

#include "apps/cli/import_table.h"

namespace orrery::cli {

void add_import_feather(CLI::App& import, CommandLine& line) {
  add_import_table(import, line,
                   {"feather", "Feather or Arrow IPC", "prices.feather",
                    [](const std::filesystem::path& path) { return read_feather(path); }});
}

}  // namespace orrery::cli
