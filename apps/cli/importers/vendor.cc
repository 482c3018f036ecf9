#include <fmt/format.h>
#include <fmt/ranges.h>

#include <nlohmann/json.hpp>

#include "apps/cli/import_lake.h"
#include "orrery/base/clock.h"
#include "orrery/data/lake/import_vendor.h"

namespace orrery::cli {
namespace {

struct VendorArguments {
  std::string path, mapping;
  std::string lake = "lake";
  bool json = false;
};

void vendor_command(CommandLine& line, const VendorArguments& arguments) {
  const auto mapping = read_vendor_mapping(arguments.mapping);
  Lake lake(arguments.lake);
  const auto result = import_vendor(lake, arguments.path, mapping, current_time());
  const auto& table = mapping.definition.name;
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"lake", arguments.lake},
                                         {"table", table},
                                         {"rows_read", result.rows_read},
                                         {"quarantined", result.quarantined},
                                         {"facts", changes_numbers(result.facts)},
                                         {"unused_columns", result.unused}};
    return line.terminal.print(json.dump(1) + "\n");
  }
  line.terminal.print(fmt::format("{} rows read\n", result.rows_read));
  line.terminal.print(changes_text(table, result.facts));
  line.terminal.print(quarantine_text(result.quarantined));
  if (!result.unused.empty())
    line.terminal.print(
        fmt::format("columns that the mapping does not name: {}\n", fmt::join(result.unused, ", ")));
}

}  // namespace

void add_import_vendor(CLI::App& import, CommandLine& line) {
  auto* command =
      add_command(import, "vendor",
                  "Take an export of Bloomberg, RavenPack, Refinitiv or another vendor, as a mapping says",
                  "orrery import vendor examples/mappings/bloomberg_bars.csv --mapping "
                  "examples/mappings/bloomberg_bars.yaml --lake lake");
  auto arguments = std::make_shared<VendorArguments>();
  command->add_option("path", arguments->path, "The export: text (.gz too), Parquet, Feather")
      ->required()
      ->type_name("FILE");
  command->add_option("--mapping", arguments->mapping, "Which column is what; docs/sources/vendor.md")
      ->required()
      ->type_name("FILE.yaml");
  command->add_option("--lake", arguments->lake, "The lake's folder")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { vendor_command(line, *arguments); }; });
}

}  // namespace orrery::cli
