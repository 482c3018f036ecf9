#include "apps/cli/import_lake.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "orrery/base/clock.h"
#include "orrery/base/error.h"
#include "orrery/data/lake/import_prices.h"
#include "orrery/data/lake/lake_membership.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

struct ImportArguments {
  std::string path, source, universe;
  std::string lake = "lake";
  std::string table = "bars_1d";
  bool json = false;
};

FactSource source_of(const ImportArguments& arguments) {
  const auto name =
      arguments.source.empty() ? std::filesystem::path(arguments.path).filename().string() : arguments.source;
  return {name, current_time(), {}};
}

Json changes_json(const AddedVersions& changes) {
  return {{"added", changes.added},
          {"corrected", changes.restated},
          {"unchanged", changes.same},
          {"version", changes.version}};
}

std::string changes_text(const std::string& table, const AddedVersions& changes) {
  std::string text = fmt::format("{:<18} {} rows added", table, changes.added);
  if (changes.restated > 0) text += fmt::format(", {} corrected (known from now on)", changes.restated);
  if (changes.same > 0) text += fmt::format(", {} there already", changes.same);
  return text + fmt::format("; version {}\n", changes.version);
}

std::string quarantine_text(const PriceImport& result) {
  std::string text;
  for (const auto& [reason, count] : result.quarantined) {
    text += fmt::format("{:<18} {} rows left out: {}\n", "quarantine", count, reason);
  }
  return text;
}

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
                       {"bars", changes_json(result.bars)},
                       {"corporate_actions", changes_json(result.actions)}};
    return line.terminal.print(json.dump(1) + "\n");
  }
  line.terminal.print(fmt::format("{} rows read\n", result.rows_read));
  line.terminal.print(changes_text(arguments.table, result.bars));
  line.terminal.print(result.tells_actions
                          ? changes_text("corporate_actions", result.actions)
                          : "the file has no adjusted closes, dividends or splits: no corporate actions\n");
  line.terminal.print(quarantine_text(result));
}

void membership_command(CommandLine& line, const ImportArguments& arguments) {
  Lake lake(arguments.lake);
  const auto result = import_membership(lake, arguments.path, arguments.universe, source_of(arguments));
  if (arguments.json) {
    const Json json = {{"lake", arguments.lake},
                       {"universe", arguments.universe},
                       {"intervals", result.intervals},
                       {"symbols", result.symbols},
                       {"membership", changes_json(result.events)}};
    return line.terminal.print(json.dump(1) + "\n");
  }
  line.terminal.print(fmt::format("{} intervals of {} symbols\n", result.intervals, result.symbols));
  line.terminal.print(changes_text("membership", result.events));
  line.terminal.print(
      fmt::format("a study of this lake names it: universe: {{membership: {}}}\n", arguments.universe));
}

using Work = void (*)(CommandLine&, const ImportArguments&);

CLI::App* add_lake_import(CLI::App& import, CommandLine& line, const std::string& name,
                          const std::string& summary, const std::string& example, Work work,
                          const std::shared_ptr<ImportArguments>& arguments) {
  auto* command = add_command(import, name, summary, example);
  command->add_option("path", arguments->path, "The file: .csv, .csv.gz or .parquet")
      ->required()
      ->type_name("FILE");
  command->add_option("--lake", arguments->lake, "The lake's folder")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--source", arguments->source, "Where the rows come from; else the file's name")
      ->type_name("NAME");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, work, arguments] { line.action = [&line, work, arguments] { work(line, *arguments); }; });
  return command;
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
