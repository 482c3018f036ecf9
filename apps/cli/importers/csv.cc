#include "apps/cli/import_table.h"
#include "apps/cli/vendor_summary.h"
#include "orrery/data/lake/csv_mapping.h"

namespace orrery::cli {

void add_import_csv(CLI::App& import, CommandLine& line) {
  add_table_command(import, line, {.name = "csv", .title = "CSV or CSV.gz", .file_name = "macro.csv"},
                    [](CommandLine& on, const TableArguments& arguments) {
                      const auto mapping = csv_mapping(arguments.path, arguments.table,
                                                       arguments.source_name(), arguments.key);
                      run_vendor_import(on, arguments.lake, arguments.path, mapping, arguments.json);
                    });
}

}  // namespace orrery::cli
