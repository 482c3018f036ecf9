#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/import_lake.h"
#include "orrery/base/clock.h"
#include "orrery/base/letter_case.h"
#include "orrery/data/lake/import_lean.h"

namespace orrery::cli {
namespace {

struct LeanArguments {
  std::string path;
  std::string lake = "lake";
  std::string source = "lean";
  std::vector<std::string> symbols, resolutions;
  bool json = false;
};

LeanRequest request_of(const LeanArguments& arguments) {
  auto symbols = arguments.symbols;
  for (auto& symbol : symbols) symbol = upper_case(symbol);
  return {arguments.path, std::move(symbols), arguments.resolutions, arguments.source, current_time()};
}

/// What became of a table, with the version it has now.
AddedVersions changes_of(Lake& lake, const std::string& table, const FeedCount& count) {
  AddedVersions changes{count.added, count.same, count.restated, {}, 0};
  changes.version = lake.open(table).version();
  return changes;
}

void print_json(CommandLine& line, Lake& lake, const LeanArguments& arguments, const LeanImport& result) {
  nlohmann::ordered_json tables = nlohmann::ordered_json::object();
  for (const auto& [table, count] : result.tables)
    tables[table] = changes_numbers(changes_of(lake, table, count));
  const nlohmann::ordered_json json = {{"lake", arguments.lake},
                                       {"files", result.files},
                                       {"tables", tables},
                                       {"quarantined", result.quarantined},
                                       {"files_not_taken", result.not_taken}};
  line.terminal.print(json.dump(1) + "\n");
}

void lean_command(CommandLine& line, const LeanArguments& arguments) {
  Lake lake(arguments.lake);
  const auto result = import_lean(lake, request_of(arguments));
  if (arguments.json) return print_json(line, lake, arguments, result);
  line.terminal.print(fmt::format("{} archives read\n", result.files));
  for (const auto& [table, count] : result.tables)
    line.terminal.print(changes_text(table, changes_of(lake, table, count)));
  line.terminal.print(quarantine_text(result.quarantined));
  for (const auto& [reason, files] : result.not_taken)
    line.terminal.print(fmt::format("{:<18} {} files: {}\n", "not taken", files, reason));
}

}  // namespace

void add_import_lean(CLI::App& import, CommandLine& line) {
  auto* command =
      add_command(import, "lean", "Take LEAN's zipped bars, factor files and map files into a lake",
                  "orrery import lean ~/Lean/Data --symbols AAPL,SPY --lake lake");
  auto arguments = std::make_shared<LeanArguments>();
  command->add_option("path", arguments->path, "The data folder, a folder in it or one archive")
      ->required()
      ->type_name("PATH");
  command->add_option("--symbols", arguments->symbols, "These tickers; else all")
      ->delimiter(',')
      ->type_name("NAMES");
  command->add_option("--resolutions", arguments->resolutions, "These lengths of bars; else all")
      ->delimiter(',')
      ->check(CLI::IsMember({"daily", "hour", "minute", "second"}));
  command->add_option("--lake", arguments->lake, "The lake's folder, or s3://BUCKET/PREFIX")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--source", arguments->source, "Where the rows come from")
      ->capture_default_str()
      ->type_name("NAME");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { lean_command(line, *arguments); }; });
}

}  // namespace orrery::cli
