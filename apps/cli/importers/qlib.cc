#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/import_lake.h"
#include "orrery/app/import_qlib_workflow.h"
#include "orrery/base/clock.h"
#include "orrery/base/error.h"
#include "orrery/data/lake/import_prices.h"
#include "orrery/data/lake/lake_membership.h"
#include "orrery/data/parquet.h"
#include "orrery/data/qlib_store.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

struct QlibArguments {
  std::string folder, out, lake;
  std::string market = "all";
  std::string source = "qlib";
  bool json = false;
};

Json store_json(const QlibStore& store) {
  return {{"rows", store.prices.rows()},
          {"symbols", store.symbols},
          {"sessions", store.sessions},
          {"without_data", store.without_data}};
}

std::string store_text(const QlibStore& store) {
  auto text = fmt::format("{} rows of {} symbols on {} sessions\n", store.prices.rows(), store.symbols,
                          store.sessions);
  if (!store.without_data.empty()) {
    text += fmt::format("{} listed instruments have no close or volume, the first: {}\n",
                        store.without_data.size(), store.without_data.front());
  }
  return text;
}

void write_file(CommandLine& line, const QlibArguments& arguments, const QlibStore& store) {
  write_parquet(store.prices, arguments.out);
  const auto members = store.members.empty() ? "" : members_file(arguments.out).string();
  if (!members.empty()) write_membership(store.members, members);
  if (arguments.json) {
    Json json = {{"out", arguments.out}};
    json.update(store_json(store));
    json["members"] = members;
    return line.terminal.print(json.dump(1) + "\n");
  }
  line.terminal.print(store_text(store));
  line.terminal.print(fmt::format("prices   {}\n", arguments.out));
  if (!members.empty())
    line.terminal.print(fmt::format("members  {}  (a study's universe.membership)\n", members));
}

void fill_lake(CommandLine& line, const QlibArguments& arguments, QlibStore store) {
  Lake lake(arguments.lake);
  Json json = {{"lake", arguments.lake}};
  json.update(store_json(store));
  auto text = store_text(store);
  const FactSource source{arguments.source, current_time(), {}};
  const auto prices =
      import_prices(lake, price_rows_of(std::move(store.prices), arguments.folder), "bars_1d", source);
  json["quarantined"] = prices.quarantined;
  json["bars"] = changes_numbers(prices.bars);
  json["corporate_actions"] = changes_numbers(prices.actions);
  text += changes_text("bars_1d", prices.bars) + changes_text("corporate_actions", prices.actions);
  text += quarantine_text(prices.quarantined);
  if (!store.members.empty()) {
    const auto members = import_membership(lake, store.members, arguments.market, source);
    json["membership"] = changes_numbers(members.events);
    text += changes_text("membership", members.events);
  }
  line.terminal.print(arguments.json ? json.dump(1) + "\n" : text);
}

void qlib_command(CommandLine& line, const QlibArguments& arguments) {
  if (arguments.out.empty() == arguments.lake.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     "say where to: --out FILE.parquet for a price file, or --lake DIR for a lake");
  }
  auto store = read_qlib_store(arguments.folder, arguments.market);
  if (!arguments.out.empty()) return write_file(line, arguments, store);
  fill_lake(line, arguments, std::move(store));
}

}  // namespace

void add_import_qlib(CLI::App& import, CommandLine& line) {
  auto* command = add_command(import, "qlib", "Read a qlib binary store of daily bars",
                              "orrery import qlib ~/.qlib/qlib_data/us_data --out prices.parquet");
  auto arguments = std::make_shared<QlibArguments>();
  command->add_option("store", arguments->folder, "The store: calendars, instruments, features")
      ->required()
      ->type_name("DIR");
  command->add_option("--out", arguments->out, "Result: a price file")->type_name("FILE.parquet");
  command->add_option("--lake", arguments->lake, "Result: bars, actions and members in a lake")
      ->type_name("DIR");
  command->add_option("--source", arguments->source, "In a lake: where the rows come from")
      ->capture_default_str()
      ->type_name("NAME");
  command->add_option("--market", arguments->market, "The list of instruments")
      ->capture_default_str()
      ->type_name("NAME");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { qlib_command(line, *arguments); }; });
}

}  // namespace orrery::cli
