#include <memory>

#include "apps/cli/command_line.h"
#include "apps/cli/table_copies.h"
#include "orrery/data/lake/lake_copy.h"

namespace orrery::cli {
namespace {

struct BackupArguments {
  std::string lake = "lake";
  std::string to;
  std::vector<std::string> tables;
  bool json = false;
};

void backup_command(CommandLine& line, const BackupArguments& arguments) {
  print_copies(line, copy_lake(arguments.lake, arguments.to, arguments.tables, {}, line.terminal.progress()),
               arguments.json);
}

}  // namespace

void add_backup(CLI::App& app, CommandLine& line) {
  auto* command = add_command(app, "backup",
                              "Copy a lake's tables to another folder: what is new there since the last time",
                              "orrery backup --lake lake --to /mnt/backup/lake");
  auto arguments = std::make_shared<BackupArguments>();
  command->add_option("tables", arguments->tables, "Only these tables")->type_name("TABLES");
  command->add_option("--lake", arguments->lake, "The lake's folder, or s3://BUCKET/PREFIX")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--to", arguments->to, "The backup's folder; it is a lake itself")
      ->required()
      ->type_name("DIR");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { backup_command(line, *arguments); }; });
}

}  // namespace orrery::cli
