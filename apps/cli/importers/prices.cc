#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/import_lake.h"
#include "orrery/base/error.h"
#include "orrery/data/lake/import_prices.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

void prices_command(CommandLine& line, const ImportArguments& arguments) {
  if (!arguments.table.starts_with("bars_")) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("--table: bars go into a table bars_…, such as bars_1d; found '{}'", arguments.table));
  }
  Lake lake(arguments.lake);
  const auto result = import_prices(lake, arguments.path, arguments.table, source_of(arguments));
  if (arguments.json) {
    const Json json = {{"lake", arguments.lake},
                       {"table", arguments.table},
                       {"rows_read", result.rows_read},
                       {"quarantined", result.quarantined},
                       {"bars", changes_numbers(result.bars)},
                       {"corporate_actions", changes_numbers(result.actions)}};
    return line.terminal.print(json.dump(1) + "\n");
  }
  line.terminal.print(fmt::format("{} rows read\n", result.rows_read));
  line.terminal.print(changes_text(arguments.table, result.bars));
  line.terminal.print(result.tells_actions
                          ? changes_text("corporate_actions", result.actions)
                          : "the file has no adjusted closes, dividends or splits: no corporate actions\n");
  line.terminal.print(quarantine_text(result.quarantined));
}

}  // namespace

void add_import_prices(CLI::App& import, CommandLine& line) {
  auto arguments = std::make_shared<ImportArguments>();
  auto* command =
      add_lake_import(import, line, "prices",
                      "Take a file of daily prices into a lake: raw bars, corporate actions, bad rows apart",
                      "orrery import prices prices.csv.gz --lake lake", prices_command, arguments);
  command->add_option("--table", arguments->table, "The table of the bars")
      ->capture_default_str()
      ->type_name("NAME");
}

}  // namespace orrery::cli
