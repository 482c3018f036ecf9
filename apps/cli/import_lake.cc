#include "apps/cli/import_lake.h"

#include <fmt/format.h>

#include <filesystem>

#include "orrery/base/clock.h"
#include "orrery/data/table_file.h"

namespace orrery::cli {

FactSource source_of(const ImportArguments& arguments) {
  const auto name =
      arguments.source.empty() ? std::filesystem::path(arguments.path).filename().string() : arguments.source;
  return {name, current_time(), {}};
}

std::map<std::string, std::int64_t> changes_numbers(const AddedVersions& changes) {
  return {{"added", static_cast<std::int64_t>(changes.added)},
          {"corrected", static_cast<std::int64_t>(changes.restated)},
          {"unchanged", static_cast<std::int64_t>(changes.same)},
          {"version", changes.version}};
}

std::string changes_text(const std::string& table, const AddedVersions& changes) {
  std::string text = fmt::format("{:<18} {} rows added", table, changes.added);
  if (changes.restated > 0) text += fmt::format(", {} corrected (known from now on)", changes.restated);
  if (changes.same > 0) text += fmt::format(", {} there already", changes.same);
  return text + fmt::format("; version {}\n", changes.version);
}

std::string quarantine_text(const std::map<std::string, std::size_t>& reasons) {
  std::string text;
  for (const auto& [reason, count] : reasons) {
    text += fmt::format("{:<18} {} rows left out: {}\n", "quarantine", count, reason);
  }
  return text;
}

CLI::App* add_lake_import(CLI::App& import, CommandLine& line, const std::string& name,
                          const std::string& summary, const std::string& example,
                          void (*work)(CommandLine&, const ImportArguments&),
                          const std::shared_ptr<ImportArguments>& arguments) {
  auto* command = add_command(import, name, summary, example);
  command->add_option("path", arguments->path, "The file: .csv, .csv.gz, " + table_file_names())
      ->required()
      ->type_name("FILE");
  command->add_option("--lake", arguments->lake, "The lake's folder, or s3://BUCKET/PREFIX")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--source", arguments->source, "Where the rows come from; else the file's name")
      ->type_name("NAME");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, work, arguments] { line.action = [&line, work, arguments] { work(line, *arguments); }; });
  return command;
}

}  // namespace orrery::cli
