#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/import_lake.h"
#include "orrery/data/lake/lake_membership.h"

namespace orrery::cli {
namespace {

void membership_command(CommandLine& line, const ImportArguments& arguments) {
  Lake lake(arguments.lake);
  const auto result = import_membership(lake, arguments.path, arguments.universe, source_of(arguments));
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"lake", arguments.lake},
                                         {"universe", arguments.universe},
                                         {"intervals", result.intervals},
                                         {"symbols", result.symbols},
                                         {"membership", changes_numbers(result.events)}};
    return line.terminal.print(json.dump(1) + "\n");
  }
  line.terminal.print(fmt::format("{} intervals of {} symbols\n", result.intervals, result.symbols));
  line.terminal.print(changes_text("membership", result.events));
  line.terminal.print(
      fmt::format("a study of this lake names it: universe: {{membership: {}}}\n", arguments.universe));
}

}  // namespace

void add_import_membership(CLI::App& import, CommandLine& line) {
  auto arguments = std::make_shared<ImportArguments>();
  auto* command = add_lake_import(
      import, line, "membership",
      "Take a file of symbol, start and end into a lake: who belongs to an index when",
      "orrery import membership members.csv --universe sp500 --lake lake", membership_command, arguments);
  command->add_option("--universe", arguments->universe, "The name of the index or universe")
      ->required()
      ->type_name("NAME");
}

}  // namespace orrery::cli
