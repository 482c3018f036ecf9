#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "apps/cli/command_line.h"
#include "apps/cli/data_quality.h"
#include "apps/cli/data_validate.h"
#include "apps/cli/moment_option.h"
#include "apps/cli/table_text.h"
#include "orrery/base/clock.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/column_statistics.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/lake/lake_parquet.h"
#include "orrery/data/lake/table_rows.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

struct DataArguments {
  std::string lake = "lake";
  std::string table;
  bool json = false;
  std::vector<std::string> columns, symbols;
  std::string from, to, as_of, out;
  std::optional<std::int64_t> version;
  std::size_t rows = 20;
  double keep_days = 7.0;
};

/// What a table's log says of it, without opening a data file.
struct TableSummary {
  std::int64_t version = 0;
  std::size_t files = 0;
  std::int64_t bytes = 0;
  std::int64_t rows = 0;
  std::optional<std::int64_t> first_event, last_event;  ///< nanoseconds
};

TableSummary summarize(LakeTable& table) {
  const auto state = table.log().latest();
  TableSummary summary;
  summary.version = state->version;
  summary.files = state->files.size();
  for (const auto& file : state->files) {
    const auto statistics = parse_statistics(file.statistics, state->metadata.schema);
    summary.bytes += file.size;
    summary.rows += statistics.rows.value_or(0);
    const auto event = statistics.ranges.find(kEventTime);
    if (event == statistics.ranges.end()) continue;
    const auto first = std::get<std::int64_t>(event->second.smallest);
    const auto last = std::get<std::int64_t>(event->second.largest);
    summary.first_event = std::min(summary.first_event.value_or(first), first);
    summary.last_event = std::max(summary.last_event.value_or(last), last);
  }
  return summary;
}

std::string day_text(const std::optional<std::int64_t>& nanoseconds) {
  return nanoseconds ? to_string(Timestamp{*nanoseconds}).substr(0, 10) : "";
}

void tables_command(CommandLine& line, const DataArguments& arguments) {
  Lake lake(arguments.lake);
  Json list = Json::array();
  TextTable text = {{"table", "rows", "files", "MB", "version", "first event", "last event"}};
  for (const auto& name : lake.tables()) {
    auto table = lake.open(name);
    const auto summary = summarize(table);
    list.push_back({{"table", name},
                    {"rows", summary.rows},
                    {"files", summary.files},
                    {"bytes", summary.bytes},
                    {"version", summary.version},
                    {"first_event", day_text(summary.first_event)},
                    {"last_event", day_text(summary.last_event)}});
    text.push_back({name, fmt::format("{}", summary.rows), fmt::format("{}", summary.files),
                    fmt::format("{:.1f}", static_cast<double>(summary.bytes) / 1e6),
                    fmt::format("{}", summary.version), day_text(summary.first_event),
                    day_text(summary.last_event)});
  }
  if (arguments.json) return line.terminal.print(list.dump(1) + "\n");
  if (list.empty()) return line.terminal.print(fmt::format("{} has no tables\n", arguments.lake));
  line.terminal.print_table(text);
}

ScanRequest scan_request(const DataArguments& arguments) {
  ScanRequest request;
  request.columns = arguments.columns;
  request.version = arguments.version;
  if (!arguments.symbols.empty()) request.where.push_back(one_of("symbol", arguments.symbols));
  if (arguments.from.empty() && arguments.to.empty()) return request;
  RowFilter events{.column = kEventTime};
  if (!arguments.from.empty()) events.at_least = moment_of("--from", arguments.from).nanoseconds;
  if (!arguments.to.empty()) events.below = moment_of("--to", arguments.to).nanoseconds;
  request.where.push_back(std::move(events));
  return request;
}

void print_rows(CommandLine& line, const DataArguments& arguments, LakeScan& scan,
                const DeltaSchema& schema) {
  std::vector<Table> blocks;
  std::size_t rows = 0;
  while (rows < arguments.rows) {
    auto block = scan.next();
    if (!block) break;
    rows += block->rows();
    blocks.push_back(std::move(*block));
  }
  const Table first = blocks.empty() ? scan.empty() : concatenate(std::move(blocks));
  const auto shown = std::min(first.rows(), arguments.rows);
  if (arguments.json) return line.terminal.print(rows_json(first, schema, shown) + "\n");
  line.terminal.print_table(rows_text(first, schema, shown));
}

void read_command(CommandLine& line, const DataArguments& arguments) {
  Lake lake(arguments.lake);
  auto table = lake.open(arguments.table);
  auto request = scan_request(arguments);
  const auto schema = table.definition().schema;
  if (arguments.out.empty())
    request.rows_per_block = std::max<std::int64_t>(1 << 16, static_cast<std::int64_t>(arguments.rows));
  const auto scan = arguments.as_of.empty()
                        ? table.scan_sorted(request)
                        : scan_as_of(table, moment_of("--as-of", arguments.as_of), request);
  if (arguments.out.empty()) return print_rows(line, arguments, *scan, schema);
  const auto rows = scan->rest();
  constexpr std::int64_t kRowsPerGroup = 128 * 1024;
  write_file_atomically(arguments.out, encode_parquet(rows, schema, kRowsPerGroup));
  if (arguments.json) {
    return line.terminal.print(Json{{"out", arguments.out}, {"rows", rows.rows()}}.dump(1) + "\n");
  }
  line.terminal.print(fmt::format("{} rows  {}\n", rows.rows(), arguments.out));
}

void history_command(CommandLine& line, const DataArguments& arguments) {
  Lake lake(arguments.lake);
  auto table = lake.open(arguments.table);
  Json list = Json::array();
  TextTable text = {{"version", "time", "operation", "files added", "removed"}};
  for (const auto& commit : table.log().history(arguments.rows)) {
    const auto time = to_string(Timestamp{commit.info.timestamp_ms / 1'000 * 1'000'000'000});
    list.push_back({{"version", commit.version},
                    {"time", time},
                    {"operation", commit.info.operation},
                    {"files_added", commit.files_added},
                    {"files_removed", commit.files_removed}});
    text.push_back({fmt::format("{}", commit.version), time, commit.info.operation,
                    fmt::format("{}", commit.files_added), fmt::format("{}", commit.files_removed)});
  }
  if (arguments.json) return line.terminal.print(list.dump(1) + "\n");
  line.terminal.print_table(text);
}

void compact_command(CommandLine& line, const DataArguments& arguments) {
  Lake lake(arguments.lake);
  auto table = lake.open(arguments.table);
  const auto done = table.compact();
  table.log().write_checkpoint();
  std::optional<std::size_t> removed;
  if (arguments.keep_days >= 0) {
    const auto age = static_cast<std::int64_t>(arguments.keep_days * static_cast<double>(kNanosecondsPerDay));
    removed = table.vacuum({current_time().nanoseconds - age});
  }
  if (arguments.json) {
    const Json json = {{"files_before", done.files_before},
                       {"files_after", done.files_after},
                       {"rows", done.rows},
                       {"removed", removed.value_or(0)}};
    return line.terminal.print(json.dump(1) + "\n");
  }
  line.terminal.print(
      fmt::format("{} files with {} rows joined to {}; {} files no version needs any more removed\n",
                  done.files_before, done.rows, done.files_after, removed.value_or(0)));
}

void check_command(CommandLine& line, const DataArguments& arguments) {
  Lake lake(arguments.lake);
  const auto names = arguments.table.empty() ? lake.tables() : std::vector<std::string>{arguments.table};
  Json list = Json::array();
  std::string text;
  for (const auto& name : names) {
    for (const auto& file : lake.open(name).verify()) {
      list.push_back({{"table", name}, {"file", file.path}, {"reason", file.reason}});
      text += fmt::format("{}: {}\n", file.path, file.reason);
    }
  }
  line.terminal.print(arguments.json ? list.dump(1) + "\n" : text);
  if (!list.empty()) {
    throw external_error(ErrorCode::kDataCorrupt, fmt::format("{} damaged files", list.size()));
  }
  if (!arguments.json)
    line.terminal.print(fmt::format("{} tables: every file is as it was written\n", names.size()));
}

using DataWork = void (*)(CommandLine&, const DataArguments&);

/// Adds one command below `data` with the options that all of them have.
CLI::App* add_data_command(CLI::App& data, CommandLine& line, const std::string& name,
                           const std::string& summary, const std::string& example, DataWork work,
                           const std::shared_ptr<DataArguments>& arguments) {
  auto* command = add_command(data, name, summary, example);
  command->add_option("--lake", arguments->lake, "The lake's folder, or s3://BUCKET/PREFIX")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback(
      [&line, work, arguments] { line.action = [&line, work, arguments] { work(line, *arguments); }; });
  return command;
}

void add_table_option(CLI::App& command, DataArguments& arguments, bool required) {
  auto* option = command.add_option("table", arguments.table, "The table's name")->type_name("TABLE");
  if (required) option->required();
}

void add_read(CLI::App& data, CommandLine& line) {
  auto arguments = std::make_shared<DataArguments>();
  auto* command =
      add_data_command(data, line, "read", "Read rows of a table, also as they were known at a time",
                       "orrery data read bars_1d --symbols AAPL,MSFT --from 2018-01-01 --as-of 2018-06-30",
                       read_command, arguments);
  add_table_option(*command, *arguments, true);
  command->add_option("--columns", arguments->columns, "Only these columns")
      ->delimiter(',')
      ->type_name("NAMES");
  command->add_option("--symbols", arguments->symbols, "Only these symbols")
      ->delimiter(',')
      ->type_name("NAMES");
  command->add_option("--from", arguments->from, "Events from this moment on, UTC")->type_name("TIME");
  command->add_option("--to", arguments->to, "Events before this moment, UTC")->type_name("TIME");
  command->add_option("--as-of", arguments->as_of, "As it could be known at this moment, UTC")
      ->type_name("TIME");
  command->add_option("--version", arguments->version, "As committed: a version of the table's history")
      ->type_name("N");
  command->add_option("--rows", arguments->rows, "How many rows to show")
      ->capture_default_str()
      ->type_name("N");
  command->add_option("--out", arguments->out, "Write all rows to a file instead")->type_name("FILE.parquet");
}

}  // namespace

void add_data(CLI::App& app, CommandLine& line) {
  auto* data = app.add_subcommand("data", "Look at a lake's tables, read them, keep them in order");
  data->require_subcommand(1);
  add_data_command(*data, line, "tables", "List the tables of a lake", "orrery data tables --lake lake",
                   tables_command, std::make_shared<DataArguments>());
  add_read(*data, line);
  auto arguments = std::make_shared<DataArguments>();
  auto* history = add_data_command(*data, line, "history", "List the commits of a table, the latest first",
                                   "orrery data history bars_1d", history_command, arguments);
  add_table_option(*history, *arguments, true);
  history->add_option("--rows", arguments->rows, "How many to show")->capture_default_str()->type_name("N");
  arguments = std::make_shared<DataArguments>();
  auto* compact = add_data_command(*data, line, "compact",
                                   "Join a table's small files, remove files that no kept version needs",
                                   "orrery data compact bars_1d --keep-days 30", compact_command, arguments);
  add_table_option(*compact, *arguments, true);
  compact->add_option("--keep-days", arguments->keep_days, "Versions of these days stay readable; -1: all")
      ->capture_default_str()
      ->type_name("DAYS");
  arguments = std::make_shared<DataArguments>();
  auto* check = add_data_command(*data, line, "check", "Hold every file against its checksum",
                                 "orrery data check --lake lake", check_command, arguments);
  add_table_option(*check, *arguments, false);
  add_data_quality(*data, line);
  add_data_validate(*data, line);
}

}  // namespace orrery::cli
