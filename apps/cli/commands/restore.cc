#include <fmt/format.h>

#include <memory>

#include "apps/cli/command_line.h"
#include "apps/cli/moment_option.h"
#include "apps/cli/table_copies.h"
#include "orrery/data/lake/lake_copy.h"

namespace orrery::cli {
namespace {

struct RestoreArguments {
  std::string from;
  std::string lake = "lake";
  std::string as_of;
  std::vector<std::string> tables;
  bool json = false;
};

void restore_command(CommandLine& line, const RestoreArguments& arguments) {
  TableCopyOptions options{.mends = true};
  if (!arguments.as_of.empty()) options.at = moment_of("--as-of", arguments.as_of);
  print_copies(line,
               copy_lake(arguments.from, arguments.lake, arguments.tables, options, line.terminal.progress()),
               arguments.json);
}

}  // namespace

void add_restore(CLI::App& app, CommandLine& line) {
  auto* command = add_command(
      app, "restore", "Bring tables back from a backup: whole ones, or the files that a lake has lost",
      "orrery restore --from /mnt/backup/lake --lake lake --as-of 2020-06-30");
  auto arguments = std::make_shared<RestoreArguments>();
  command->add_option("tables", arguments->tables, "Only these tables")->type_name("TABLES");
  command->add_option("--from", arguments->from, "The backup's folder")->required()->type_name("DIR");
  command
      ->add_option("--lake", arguments->lake,
                   "The lake's folder or s3://BUCKET/PREFIX, new or one that has lost files")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--as-of", arguments->as_of, "The tables as they were committed by this moment, UTC")
      ->type_name("TIME");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { restore_command(line, *arguments); }; });
}

}  // namespace orrery::cli
