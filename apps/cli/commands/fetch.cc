#include <fmt/format.h>
#include <fmt/ranges.h>

#include <fstream>
#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "apps/cli/interrupt.h"
#include "apps/cli/moment_option.h"
#include "orrery/app/fetch_into_lake.h"
#include "orrery/app/fetch_sources.h"
#include "orrery/base/cancellable_progress.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"

namespace orrery::cli {
namespace {

struct FetchArguments {
  std::string source, from, to, out, calendar;
  std::string lake = "lake";
  std::vector<std::string> chain, symbols, settings;
  int threads = 4;
  int need = 0;
  bool list = false;
  bool dry_run = false;
  bool from_scratch = false;
  bool json = false;
};

/// Symbols as given, and those of files given as @FILE, one a line.
std::vector<std::string> symbols_of(const std::vector<std::string>& given) {
  std::vector<std::string> symbols;
  for (const auto& one : given) {
    if (one.empty() || one.front() != '@') {
      if (!one.empty()) symbols.push_back(one);
      continue;
    }
    std::istringstream lines(read_file(one.substr(1)));
    for (std::string line; std::getline(lines, line);) {
      if (!line.empty() && line.back() == '\r') line.pop_back();
      if (!line.empty() && line.front() != '#') symbols.push_back(line);
    }
  }
  return symbols;
}

FetchOptions options_of(const FetchArguments& arguments) {
  FetchOptions options;
  if (!arguments.source.empty()) options.chain.push_back(arguments.source);
  for (const auto& name : arguments.chain) {
    if (std::find(options.chain.begin(), options.chain.end(), name) == options.chain.end()) {
      options.chain.push_back(name);
    }
  }
  options.settings = split_settings(arguments.settings);
  options.request.symbols = symbols_of(arguments.symbols);
  options.request.begin = day_of("--from", arguments.from);
  options.request.end = day_of("--to", arguments.to);
  if (options.request.begin && options.request.end && *options.request.begin > *options.request.end) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("--from {} is after --to {}", arguments.from, arguments.to));
  }
  options.calendar = arguments.calendar;
  options.threads = arguments.threads;
  return options;
}

void list_sources(CommandLine& line, bool json) {
  nlohmann::ordered_json all = nlohmann::ordered_json::array();
  TextTable table = {{"source", "tables", "key", "what it has"}};
  for (const auto& name : line.plugins.providers.names()) {
    const ProviderInfo& info = line.plugins.providers.get(name).info;
    if (std::none_of(info.parameters.begin(), info.parameters.end(),
                     [](const auto& parameter) { return parameter.name == "base_url"; })) {
      continue;
    }
    table.push_back({name, fmt::format("{}", fmt::join(info.tables, ", ")),
                     info.key.empty() ? "none" : info.key, info.summary});
    nlohmann::ordered_json settings = nlohmann::ordered_json::object();
    for (const auto& parameter : info.parameters) {
      settings[parameter.name] = {{"default", to_string(parameter.default_value)},
                                  {"summary", parameter.summary}};
    }
    all.push_back({{"name", name},
                   {"summary", info.summary},
                   {"tables", info.tables},
                   {"key", info.key},
                   {"page", info.source},
                   {"settings", settings}});
  }
  if (json) {
    line.terminal.print(all.dump(1) + "\n");
  } else {
    line.terminal.print_table(table);
  }
}

nlohmann::ordered_json json_of(const FetchSummary& summary) {
  nlohmann::ordered_json parts = nlohmann::ordered_json::array();
  for (const auto& part : summary.parts) {
    nlohmann::ordered_json failures = nlohmann::ordered_json::array();
    for (const auto& failure : part.failures) {
      failures.push_back({{"source", failure.source}, {"reason", failure.reason}});
    }
    parts.push_back({{"symbol", part.symbol},
                     {"from", part.begin ? to_string(*part.begin) : ""},
                     {"source", part.source},
                     {"doubt", part.doubt},
                     {"rows", part.rows},
                     {"failures", failures}});
  }
  return {{"rows", summary.rows}, {"failed", summary.failed()}, {"parts", parts}};
}

/// What went wrong, symbol by symbol, and who delivered how many.
void print_parts(const CommandLine& line, const FetchSummary& summary) {
  for (const auto& part : summary.parts) {
    for (const auto& failure : part.failures) {
      const bool is_taken = failure.source == part.source && failure.reason == part.doubt;
      const std::string then =
          is_taken ? "taken all the same"
                   : (part.source.empty() ? "nobody else has it" : part.source + " took over");
      line.terminal.print(
          fmt::format("{}: {}: {} ({})\n", part.symbol, failure.source, failure.reason, then));
    }
  }
  std::map<std::string, std::size_t> by_source;
  for (const auto& part : summary.parts) by_source[part.source] += part.source.empty() ? 0 : 1;
  std::vector<std::string> counts;
  for (const auto& [name, count] : by_source) {
    if (!name.empty()) counts.push_back(fmt::format("{} from {}", count, name));
  }
  if (!counts.empty()) line.terminal.print(fmt::format("fetched  {}\n", fmt::join(counts, ", ")));
}

void fail_for_missing(const FetchSummary& summary) {
  if (summary.failed() == 0) return;
  throw external_error(ErrorCode::kUnavailable,
                       fmt::format("{} of {} could not be fetched", summary.failed(), summary.parts.size()));
}

void fetch_to_files(CommandLine& line, const FetchArguments& arguments, const FetchOptions& options,
                    Progress& progress) {
  TableFiles files(arguments.out);
  const FetchSummary summary = fetch_sources(line.plugins.providers, options, {}, files, progress);
  const auto written = files.write();
  if (arguments.json) {
    auto json = json_of(summary);
    for (const auto& file : written) json["files"].push_back(file.string());
    line.terminal.print(json.dump(1) + "\n");
  } else {
    print_parts(line, summary);
    for (const auto& [name, rows] : summary.rows) {
      if (rows > 0) line.terminal.print(fmt::format("{:8} {} rows\n", name, rows));
    }
    for (const auto& file : written) line.terminal.print(fmt::format("wrote    {}\n", file.string()));
  }
  fail_for_missing(summary);
}

void print_tables(const CommandLine& line, const LakeFetchSummary& summary, const std::string& lake) {
  TextTable text = {{"table", "new", "restated", "there already", "contradictions"}};
  for (const auto& [name, count] : summary.tables) {
    text.push_back({name, fmt::format("{}", count.added), fmt::format("{}", count.restated),
                    fmt::format("{}", count.same), fmt::format("{}", count.contradictions)});
  }
  if (text.size() > 1) line.terminal.print_table(text);
  line.terminal.print(fmt::format("lake     {}\n", lake));
  for (const auto& [name, count] : summary.tables) {
    if (!name.starts_with("adjusted_") || count.added == 0) continue;
    line.terminal.print(fmt::format(
        "{} has prices that their source had adjusted; they are no prices as traded, and no study reads "
        "them\n",
        name));
  }
}

void fetch_to_lake(CommandLine& line, const FetchArguments& arguments, const FetchOptions& options,
                   Progress& progress) {
  Lake lake(arguments.lake);
  const auto plan = plan_lake_fetch(line.plugins.providers, options, lake, arguments.from_scratch);
  const auto summary = fetch_into_lake(line.plugins.providers, plan, options, {}, lake, progress);
  if (arguments.json) {
    auto json = json_of(summary.fetch);
    json["lake"] = arguments.lake;
    for (const auto& [name, count] : summary.tables) {
      json["tables"][name] = {{"new", count.added},
                              {"restated", count.restated},
                              {"same", count.same},
                              {"contradictions", count.contradictions}};
    }
    line.terminal.print(json.dump(1) + "\n");
  } else {
    print_parts(line, summary.fetch);
    print_tables(line, summary, arguments.lake);
  }
  fail_for_missing(summary.fetch);
  if (arguments.need > 0) {
    if (!options.request.end)
      throw user_error(ErrorCode::kInvalidArgument, "--need is about the last day: give it by --to");
    require_day(lake, plan, *options.request.end, static_cast<std::size_t>(arguments.need));
  }
}

/// Says what would be asked for; of a fetch into a lake also from when on.
void dry_run(CommandLine& line, const FetchArguments& arguments, FetchOptions options) {
  nlohmann::ordered_json json = nlohmann::ordered_json::object();
  TextTable text = {{"symbol", "table", "from", "to"}};
  if (arguments.out.empty()) {
    Lake lake(arguments.lake);
    const auto plan = plan_lake_fetch(line.plugins.providers, options, lake, arguments.from_scratch);
    for (const auto& [symbol, begin] : plan.symbols) {
      options.begins[symbol] = begin;
      const std::string from = begin ? to_string(*begin) : "";
      json["plan"].push_back({{"symbol", symbol}, {"table", plan.table}, {"from", from}});
      text.push_back({symbol, plan.table, begin ? from : "the first there is",
                      options.request.end ? to_string(*options.request.end) : "today"});
    }
  }
  const auto urls = first_requests(line.plugins.providers, options, {});
  json["requests"] = urls;
  if (arguments.json) return line.terminal.print(json.dump(1) + "\n");
  if (text.size() > 1) line.terminal.print_table(text);
  line.terminal.print(fmt::format("{}\n", fmt::join(urls, "\n")));
}

void fetch_command(CommandLine& line, const FetchArguments& arguments) {
  if (arguments.list) return list_sources(line, arguments.json);
  const FetchOptions options = options_of(arguments);
  if (arguments.dry_run) return dry_run(line, arguments, options);
  watch_interrupts();
  CancellableProgress progress(line.terminal.progress(), [] { return interrupted(); });
  if (arguments.out.empty()) {
    fetch_to_lake(line, arguments, options, progress);
  } else {
    fetch_to_files(line, arguments, options, progress);
  }
}

}  // namespace

void add_fetch(CLI::App& app, CommandLine& line) {
  auto* command = add_command(app, "fetch", "Fetch prices, fundamentals, macro series or news from a source",
                              "orrery fetch yahoo --chain tiingo --symbols AAPL,MSFT --from 2020-01-01 "
                              "--lake lake");
  auto arguments = std::make_shared<FetchArguments>();
  command->add_option("source", arguments->source, "Whom to ask first; --list shows who there is")
      ->type_name("SOURCE");
  command
      ->add_option("--chain", arguments->chain,
                   "Sources that take over on an error, a limit, a gap, stale or implausible bars")
      ->delimiter(',')
      ->type_name("A,B");
  command->add_option("--symbols", arguments->symbols, "What to fetch; @FILE: one a line")
      ->delimiter(',')
      ->type_name("A,B");
  command
      ->add_option("--from", arguments->from,
                   "First day wanted; days that the lake has are not asked for again, but for the last ones. "
                   "Without it: from where the lake's table ends, else everything")
      ->type_name("YYYY-MM-DD");
  command->add_option("--to", arguments->to, "Last day; without it, today")->type_name("YYYY-MM-DD");
  auto* lake = command->add_option("--lake", arguments->lake, "The lake to fill");
  lake->capture_default_str()->type_name("DIR");
  command
      ->add_option("--out", arguments->out,
                   "Files instead: a .parquet or .csv file, or a folder of one file a table")
      ->excludes(lake)
      ->type_name("PATH");
  command
      ->add_option(
          "--need", arguments->need,
          "Fail unless the lake then has a row of the day --to of so many of the symbols: to try again later")
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command->add_flag("--from-scratch", arguments->from_scratch,
                    "Ask for all days again, also for those that the lake has");
  command
      ->add_option("--set", arguments->settings,
                   "A setting of the sources, or of one: cache=kept, stooq.market=uk; repeatable")
      ->type_name("KEY=VALUE")
      ->allow_extra_args(false);
  command
      ->add_option("--calendar", arguments->calendar,
                   "Sessions on which bars are expected; none: any day will do")
      ->type_name("NAME");
  command->add_option("--threads", arguments->threads, "Requests at a time; limits are kept all the same")
      ->check(CLI::Range(1, 64))
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--list", arguments->list, "Show the sources and ask nobody");
  command->add_flag("--dry-run", arguments->dry_run, "Print the first requests and ask nobody");
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { fetch_command(line, *arguments); }; });
}

}  // namespace orrery::cli
