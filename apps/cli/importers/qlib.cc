#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "orrery/app/import_qlib_workflow.h"
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

}  // namespace

void add_import_qlib(CLI::App& import, CommandLine& line) {
  auto* command = add_command(import, "qlib", "Read a qlib binary store of daily bars",
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
}

}  // namespace orrery::cli
