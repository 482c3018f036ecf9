#include "apps/cli/data_quality.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>
#include <utility>

#include "apps/cli/plural.h"
#include "orrery/base/clock.h"
#include "orrery/base/error.h"
#include "orrery/data/lake/data_health.h"
#include "orrery/data/lake/disagreements.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

struct QualityArguments {
  std::string lake = "lake";
  std::vector<std::string> tables, symbols;
  std::string calendar;
  double tolerance = 1e-6;
  std::size_t rows = 20;
  bool strict = false;
  bool json = false;
};

/// What all symbols of a table and source add up to.
struct Coverage {
  std::string calendar;
  std::size_t symbols = 0, rows = 0, missing = 0;
  std::size_t late = 0;    ///< sessions since the last day of all of them
  std::size_t behind = 0;  ///< symbols that end before that day
  Date first, last;
  Timestamp retrieved;
};

using Coverages = std::map<std::pair<std::string, std::string>, Coverage>;

void add(Coverage& all, const SymbolHealth& one) {
  const bool is_first = all.symbols == 0;
  all.first = is_first ? one.first : std::min(all.first, one.first);
  all.late = is_first ? one.late : std::min(all.late, one.late);
  all.last = is_first ? one.last : std::max(all.last, one.last);
  all.retrieved = std::max(all.retrieved, one.retrieved);
  all.calendar = one.calendar;
  ++all.symbols;
  all.rows += one.rows;
  all.missing += one.missing;
}

Coverages coverages_of(const std::vector<SymbolHealth>& health) {
  Coverages all;
  for (const auto& one : health) add(all[{one.table, one.source}], one);
  for (const auto& one : health) {
    auto& coverage = all[{one.table, one.source}];
    coverage.behind += one.late > coverage.late ? 1 : 0;
  }
  return all;
}

TextTable coverage_table(const Coverages& all) {
  TextTable text = {{"table", "source", "symbols", "rows", "first day", "last day", "missing", "late",
                     "behind", "fetched"}};
  for (const auto& [name, coverage] : all) {
    const auto of_sessions = [is_expected = !coverage.calendar.empty()](std::size_t count) {
      return is_expected ? fmt::format("{}", count) : std::string();
    };
    text.push_back({name.first, name.second, fmt::format("{}", coverage.symbols),
                    fmt::format("{}", coverage.rows), to_string(coverage.first), to_string(coverage.last),
                    of_sessions(coverage.missing), of_sessions(coverage.late), of_sessions(coverage.behind),
                    to_string(coverage.retrieved).substr(0, 10)});
  }
  return text;
}

/// A symbol with something wrong.
struct Case {
  const SymbolHealth* symbol;
  std::size_t behind;  ///< sessions that it ends before the others
};

/// What is wrong with a symbol, in words.
std::string complaint(const Case& found) {
  const auto& one = *found.symbol;
  std::string text;
  if (!one.gaps.empty()) {
    const auto longest = std::max_element(one.gaps.begin(), one.gaps.end(), [](const auto& a, const auto& b) {
      return a.sessions < b.sessions;
    });
    text = fmt::format("{} missing, {}{}", plural(one.missing, "session"),
                       one.gaps.size() > 1 ? "the longest gap " : "", to_string(longest->first));
    if (longest->sessions > 1) text += " to " + to_string(longest->last);
  }
  if (found.behind > 0) {
    text += fmt::format("{}ends {} before the others, {}", text.empty() ? "" : "; ",
                        plural(found.behind, "session"), to_string(one.last));
  }
  return text;
}

Json json_of(const SymbolHealth& one) {
  Json gaps = Json::array();
  for (const auto& gap : one.gaps) {
    gaps.push_back(
        {{"first", to_string(gap.first)}, {"last", to_string(gap.last)}, {"sessions", gap.sessions}});
  }
  return {{"table", one.table},
          {"symbol", one.symbol},
          {"source", one.source},
          {"rows", one.rows},
          {"first", to_string(one.first)},
          {"last", to_string(one.last)},
          {"calendar", one.calendar},
          {"missing", one.missing},
          {"late", one.late},
          {"gaps", gaps},
          {"retrieved", to_string(one.retrieved)}};
}

/// The symbols with something missing or that end early, the worst first.
std::vector<Case> cases_in(const std::vector<SymbolHealth>& health, const Coverages& all) {
  std::vector<Case> found;
  for (const auto& one : health) {
    const std::size_t behind = one.late - all.at({one.table, one.source}).late;
    if (one.missing + behind > 0) found.push_back({&one, behind});
  }
  std::stable_sort(found.begin(), found.end(), [](const Case& a, const Case& b) {
    return std::pair(a.symbol->missing, a.behind) > std::pair(b.symbol->missing, b.behind);
  });
  return found;
}

/// What the columns mean; "" where no table has sessions to miss.
std::string legend(const Coverages& all) {
  std::set<std::string> calendars;
  for (const auto& [name, coverage] : all) {
    if (!coverage.calendar.empty()) calendars.insert(coverage.calendar);
  }
  if (calendars.empty()) return "\n";
  return fmt::format(
      "missing: sessions ({}) without a row; late: sessions since the last day; behind: symbols that end "
      "before it\n\n",
      fmt::join(calendars, ", "));
}

void print_health(const CommandLine& line, const QualityArguments& arguments,
                  const std::vector<SymbolHealth>& health, const Coverages& all) {
  line.terminal.print_table(coverage_table(all));
  line.terminal.print(legend(all));
  const auto cases = cases_in(health, all);
  if (cases.empty()) return line.terminal.print("no symbol has a gap or ends before the others\n");
  TextTable text = {{"table", "symbol", "source", "what is wrong"}};
  for (const auto& one : cases) {
    if (text.size() > arguments.rows) break;
    text.push_back({one.symbol->table, one.symbol->symbol, one.symbol->source, complaint(one)});
  }
  line.terminal.print_table(text);
  if (cases.size() > arguments.rows) {
    line.terminal.print(fmt::format("and {} more: --rows\n", cases.size() - arguments.rows));
  }
}

/// The calendars that sources say their prices follow.
std::map<std::string, std::string> calendars_of(const ProviderRegistry& providers) {
  std::map<std::string, std::string> calendars;
  for (const auto& name : providers.names()) {
    const auto& calendar = providers.get(name).info.calendar;
    if (!calendar.empty()) calendars[name] = calendar;
  }
  return calendars;
}

void fail_for_wrong(const Coverages& all) {
  const auto wrong = std::count_if(
      all.begin(), all.end(), [](const auto& entry) { return entry.second.missing + entry.second.late > 0; });
  if (wrong == 0) return;
  throw external_error(
      ErrorCode::kUnavailable,
      fmt::format("sessions are missing or late in {} of {} tables and sources", wrong, all.size()));
}

void health_command(CommandLine& line, const QualityArguments& arguments) {
  Lake lake(arguments.lake);
  const auto health = check_health(lake, {.tables = arguments.tables,
                                          .symbols = arguments.symbols,
                                          .calendar = arguments.calendar,
                                          .calendars = calendars_of(line.plugins.providers),
                                          .now = current_time()});
  const auto all = coverages_of(health);
  if (arguments.json) {
    Json list = Json::array();
    for (const auto& one : health) list.push_back(json_of(one));
    line.terminal.print(list.dump(1) + "\n");
  } else if (health.empty()) {
    line.terminal.print(fmt::format("{} has no facts of symbols\n", arguments.lake));
  } else {
    print_health(line, arguments, health, all);
  }
  if (arguments.strict) fail_for_wrong(all);
}

std::string share_text(double fraction) { return fmt::format("{:.4g} %", 100.0 * fraction); }

std::string said_text(double value) { return std::isnan(value) ? "none" : fmt::format("{}", value); }

Json json_of(const Disagreement& one) {
  const auto number = [](double value) { return std::isnan(value) ? Json() : Json(value); };
  return {{"table", one.table},
          {"symbol", one.symbol},
          {"day", to_string(one.day)},
          {"column", one.column},
          {"sources", {one.first_source, one.second_source}},
          {"values", {number(one.first), number(one.second)}},
          {"difference", one.difference}};
}

Json json_of(const SourceDisagreements& found) {
  Json columns = Json::array();
  for (const auto& one : found.columns) {
    columns.push_back({{"table", one.table},
                       {"column", one.column},
                       {"sources", {one.first_source, one.second_source}},
                       {"compared", one.compared},
                       {"differing", one.differing},
                       {"median", one.median},
                       {"largest", one.differing > 0 ? json_of(one.largest) : Json()}});
  }
  Json facts = Json::array();
  for (const auto& one : found.facts) {
    facts.push_back({{"table", one.table},
                     {"sources", {one.first_source, one.second_source}},
                     {"both", one.facts},
                     {"only_first", one.only_first},
                     {"only_second", one.only_second}});
  }
  Json largest = Json::array();
  for (const auto& one : found.largest) largest.push_back(json_of(one));
  return {{"columns", columns}, {"facts", facts}, {"largest", largest}};
}

void print_disagreements(const CommandLine& line, const SourceDisagreements& found) {
  TextTable columns = {{"table", "column", "sources", "compared", "differ", "median", "largest"}};
  for (const auto& one : found.columns) {
    columns.push_back({one.table, one.column, one.first_source + ", " + one.second_source,
                       fmt::format("{}", one.compared), fmt::format("{}", one.differing),
                       one.differing > 0 ? share_text(one.median) : "",
                       one.differing > 0 ? share_text(one.largest.difference) : ""});
  }
  line.terminal.print_table(columns);
  for (const auto& one : found.facts) {
    if (one.only_first + one.only_second == 0) continue;
    line.terminal.print(fmt::format("{}: of the days that both cover, {} alone has {}, {} alone has {}\n",
                                    one.table, one.first_source, plural(one.only_first, "fact"),
                                    one.second_source, plural(one.only_second, "fact")));
  }
  if (found.largest.empty()) return line.terminal.print("\nno value differs\n");
  line.terminal.print("\nThe largest differences\n");
  TextTable values = {{"table", "symbol", "day", "column", "one says", "the other", "difference"}};
  for (const auto& one : found.largest) {
    values.push_back({one.table, one.symbol, to_string(one.day), one.column,
                      fmt::format("{} {}", one.first_source, said_text(one.first)),
                      fmt::format("{} {}", one.second_source, said_text(one.second)),
                      share_text(one.difference)});
  }
  line.terminal.print_table(values);
}

void disagreements_command(CommandLine& line, const QualityArguments& arguments) {
  Lake lake(arguments.lake);
  const auto found = find_disagreements(lake, {.tables = arguments.tables,
                                               .symbols = arguments.symbols,
                                               .tolerance = arguments.tolerance,
                                               .largest = arguments.rows});
  if (arguments.json) return line.terminal.print(json_of(found).dump(1) + "\n");
  if (found.columns.empty()) {
    return line.terminal.print(
        "no fact has two sources; fetch some from a second one to compare: orrery fetch tiingo "
        "--from-scratch …\n");
  }
  print_disagreements(line, found);
}

/// Adds a command with the options that both have.
CLI::App* add_quality_command(CLI::App& data, CommandLine& line, const char* name, const char* summary,
                              const char* example, void (*work)(CommandLine&, const QualityArguments&),
                              const std::shared_ptr<QualityArguments>& arguments) {
  auto* command = add_command(data, name, summary, example);
  command->add_option("tables", arguments->tables, "Only these tables")->type_name("TABLES");
  command->add_option("--lake", arguments->lake, "The lake's folder, or s3://BUCKET/PREFIX")
      ->capture_default_str()
      ->type_name("DIR");
  command->add_option("--symbols", arguments->symbols, "Only these symbols")
      ->delimiter(',')
      ->type_name("NAMES");
  command->add_option("--rows", arguments->rows, "How many single cases to show, the worst first")
      ->capture_default_str()
      ->type_name("N");
  command->add_flag("--json", arguments->json, "Print the result as JSON");
  command->callback(
      [&line, work, arguments] { line.action = [&line, work, arguments] { work(line, *arguments); }; });
  return command;
}

}  // namespace

void add_data_quality(CLI::App& data, CommandLine& line) {
  auto arguments = std::make_shared<QualityArguments>();
  auto* health = add_quality_command(data, line, "health", "Show what is covered, missing and late",
                                     "orrery data health bars_1d --lake lake", health_command, arguments);
  health
      ->add_option(
          "--calendar", arguments->calendar,
          "Sessions that are expected; else the source's; else every day where rows fall on weekends, "
          "New York's where not")
      ->type_name("NAME");
  health->add_flag("--strict", arguments->strict, "Exit with 1 where a session is missing or a source late");
  arguments = std::make_shared<QualityArguments>();
  auto* disagreements = add_quality_command(
      data, line, "disagreements", "Show where sources differ, and by how much",
      "orrery data disagreements bars_1d --tolerance 0.001", disagreements_command, arguments);
  disagreements
      ->add_option("--tolerance", arguments->tolerance, "Relative differences up to this count as none")
      ->check(CLI::NonNegativeNumber)
      ->capture_default_str()
      ->type_name("X");
}

}  // namespace orrery::cli
