#include "apps/cli/vendor_summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "apps/cli/import_lake.h"
#include "orrery/base/clock.h"

namespace orrery::cli {

void run_vendor_import(CommandLine& line, const std::string& folder, const std::string& file,
                       const VendorMapping& mapping, bool json) {
  Lake lake(folder);
  const auto result = import_vendor(lake, file, mapping, current_time());
  const auto& table = mapping.definition.name;
  if (json) {
    const nlohmann::ordered_json summary = {{"lake", folder},
                                            {"table", table},
                                            {"rows_read", result.rows_read},
                                            {"quarantined", result.quarantined},
                                            {"facts", changes_numbers(result.facts)},
                                            {"unused_columns", result.unused}};
    return line.terminal.print(summary.dump(1) + "\n");
  }
  line.terminal.print(fmt::format("{} rows read\n", result.rows_read));
  line.terminal.print(changes_text(table, result.facts));
  line.terminal.print(quarantine_text(result.quarantined));
  if (!result.unused.empty()) {
    line.terminal.print(
        fmt::format("columns that the mapping does not name: {}\n", fmt::join(result.unused, ", ")));
  }
}

}  // namespace orrery::cli
