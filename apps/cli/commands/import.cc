#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "apps/cli/import_lake.h"
#include "orrery/app/import_qlib_workflow.h"
#include "orrery/base/clock.h"
#include "orrery/data/lake/import_facts.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/parquet.h"
#include "orrery/data/qlib_store.h"

namespace orrery::cli {
namespace {

struct QlibArguments {
  std::string folder, out;
  std::string market = "all";
  bool json = false;
};

void qlib_command(CommandLine& line, const QlibArguments& arguments) {
  const QlibStore store = read_qlib_store(arguments.folder, arguments.market);
  write_parquet(store.prices, arguments.out);
  const auto members = store.members.empty() ? "" : members_file(arguments.out).string();
  if (!members.empty()) write_membership(store.members, members);
  if (arguments.json) {
    const nlohmann::ordered_json json = {
        {"out", arguments.out},       {"rows", store.prices.rows()},        {"symbols", store.symbols},
        {"sessions", store.sessions}, {"without_data", store.without_data}, {"members", members}};
    line.terminal.print(json.dump(1) + "\n");
    return;
  }
  line.terminal.print(fmt::format("{} rows of {} symbols on {} sessions\n", store.prices.rows(),
                                  store.symbols, store.sessions));
  if (!store.without_data.empty()) {
    line.terminal.print(fmt::format("{} listed instruments have no close or volume, the first: {}\n",
                                    store.without_data.size(), store.without_data.front()));
  }
  line.terminal.print(fmt::format("prices   {}\n", arguments.out));
  if (!members.empty())
    line.terminal.print(fmt::format("members  {}  (a study's universe.membership)\n", members));
}

struct ParquetArguments {
  std::string path, table, source;
  std::string lake = "lake";
  std::vector<std::string> key;
  bool json = false;
};

void parquet_command(CommandLine& line, const ParquetArguments& arguments) {
  Lake lake(arguments.lake);
  const auto name =
      arguments.source.empty() ? std::filesystem::path(arguments.path).filename().string() : arguments.source;
  auto rows = read_parquet(arguments.path);
  const auto count = rows.rows();
  const auto version =
      import_facts(lake, arguments.table, std::move(rows), {name, current_time(), arguments.key});
  if (arguments.json) {
    const nlohmann::ordered_json json = {
        {"lake", arguments.lake}, {"table", arguments.table}, {"rows", count}, {"version", version}};
    line.terminal.print(json.dump(1) + "\n");
    return;
  }
  line.terminal.print(fmt::format("{} rows into {}, now version {}\n", count, arguments.table, version));
}

void add_parquet(CLI::App& import, CommandLine& line) {
  auto* command = add_command(import, "parquet", "Add the rows of a Parquet file to a table of the lake",
                              "orrery import parquet prices.parquet --table bars_1d --lake lake");
  auto arguments = std::make_shared<ParquetArguments>();
  command->add_option("path", arguments->path, "The file")->required()->type_name("FILE.parquet");
  command
      ->add_option("--table", arguments->table,
                   "The table: a standard one (bars_1d, macro, …) or one of your own")
      ->required()
      ->type_name("NAME");
  command->add_option("--lake", arguments->lake, "The lake's folder")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--source", arguments->source, "Where the rows come from; else the file's name")
      ->type_name("NAME");
  command->add_option("--key", arguments->key, "For a new table of your own: the columns that name a fact")
      ->delimiter(',')
      ->type_name("NAMES");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { parquet_command(line, *arguments); }; });
}

}  // namespace

void add_import(CLI::App& app, CommandLine& line) {
  auto* import = app.add_subcommand("import", "Take over data of other programs");
  import->require_subcommand(1);
  auto* command = add_command(*import, "qlib", "Read a qlib binary store of daily bars",
                              "orrery import qlib ~/.qlib/qlib_data/us_data --out prices.parquet");
  auto arguments = std::make_shared<QlibArguments>();
  command->add_option("store", arguments->folder, "The store: calendars, instruments, features")
      ->required()
      ->type_name("DIR");
  command->add_option("--out", arguments->out, "Result: a price file")->required()->type_name("FILE.parquet");
  command->add_option("--market", arguments->market, "The list of instruments")
      ->capture_default_str()
      ->type_name("NAME");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { qlib_command(line, *arguments); }; });
  add_parquet(*import, line);
  add_import_prices(*import, line);
  add_import_membership(*import, line);
}

}  // namespace orrery::cli
