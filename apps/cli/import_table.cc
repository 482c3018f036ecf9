#include "apps/cli/import_table.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "orrery/base/clock.h"
#include "orrery/data/lake/import_facts.h"
#include "orrery/data/lake/lake.h"

namespace orrery::cli {
namespace {

void import_table(CommandLine& line, const TableFormat& format, const TableArguments& arguments) {
  Lake lake(arguments.lake);
  auto rows = format.read(arguments.path);
  const auto count = rows.rows();
  const FactSource source{arguments.source_name(), current_time(), arguments.key};
  const auto version = import_facts(lake, arguments.table, std::move(rows), source);
  if (arguments.json) {
    const nlohmann::ordered_json json = {
        {"lake", arguments.lake}, {"table", arguments.table}, {"rows", count}, {"version", version}};
    line.terminal.print(json.dump(1) + "\n");
    return;
  }
  line.terminal.print(fmt::format("{} rows into {}, now version {}\n", count, arguments.table, version));
}

}  // namespace

std::string TableArguments::source_name() const {
  return source.empty() ? std::filesystem::path(path).filename().string() : source;
}

void add_table_command(CLI::App& import, CommandLine& line, const TableFormat& format,
                       const std::function<void(CommandLine&, const TableArguments&)>& work) {
  auto* command = add_command(
      import, format.name, fmt::format("Add the rows of a {} file to a table of the lake", format.title),
      fmt::format("orrery import {} {} --table bars_1d --lake lake", format.name, format.file_name));
  auto arguments = std::make_shared<TableArguments>();
  command->add_option("path", arguments->path, "The file")
      ->required()
      ->type_name("FILE" + std::filesystem::path(format.file_name).extension().string());
  command
      ->add_option("--table", arguments->table,
                   "The table: a standard one (bars_1d, macro, …) or one of your own")
      ->required()
      ->type_name("NAME");
  command->add_option("--lake", arguments->lake, "The lake's folder, or s3://BUCKET/PREFIX")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--source", arguments->source, "Where the rows come from; else the file's name")
      ->type_name("NAME");
  command->add_option("--key", arguments->key, "For a new table of your own: the columns that name a fact")
      ->delimiter(',')
      ->type_name("NAMES");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, work, arguments] { line.action = [&line, work, arguments] { work(line, *arguments); }; });
}

void add_import_table(CLI::App& import, CommandLine& line, const TableFormat& format) {
  add_table_command(import, line, format, [format](CommandLine& on, const TableArguments& arguments) {
    import_table(on, format, arguments);
  });
}

}  // namespace orrery::cli
