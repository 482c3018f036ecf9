#include "orrery/data/parquet.h"

#include "apps/cli/import_table.h"

namespace orrery::cli {

void add_import_parquet(CLI::App& import, CommandLine& line) {
  add_import_table(import, line,
                   {"parquet", "Parquet", "prices.parquet",
                    [](const std::filesystem::path& path) { return read_parquet(path); }});
}

}  // namespace orrery::cli
