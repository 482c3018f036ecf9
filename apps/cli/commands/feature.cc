#include <fmt/format.h>

#include "apps/cli/command_line.h"
#include "apps/cli/feature_text.h"
#include "apps/cli/moment_option.h"
#include "apps/cli/plural.h"
#include "orrery/base/clock.h"
#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "orrery/data/csv.h"
#include "orrery/data/moment_table.h"
#include "orrery/data/parquet.h"
#include "orrery/feature/materialize.h"

namespace orrery::cli {
namespace {

constexpr int kFeatureMismatch = 1;

struct FeatureArguments {
  std::string file;
  std::vector<std::string> views;
  std::vector<std::string> features;
  std::vector<std::string> symbols;
  std::string until;
  std::string at;
  std::string rows;
  std::string out;
  bool back = false;
  bool keep_newer = false;
  bool statuses = false;
  bool json = false;
  int threads = 0;
};

FeatureDefinitions feature_definitions_of(const CommandLine& line, const FeatureArguments& arguments) {
  return read_feature_definitions(arguments.file, line.plugins.online_stores);
}

Timestamp feature_moment(const FeatureArguments& arguments) {
  return arguments.at.empty() ? current_time() : moment_of("--at", arguments.at);
}

std::vector<const ViewDefinition*> chosen_views(const FeatureDefinitions& definitions,
                                                const std::vector<std::string>& names) {
  std::vector<const ViewDefinition*> chosen;
  for (const auto& name : names) chosen.push_back(&definitions.view(name));
  if (names.empty()) {
    for (const auto& view : definitions.views) chosen.push_back(&view);
  }
  return chosen;
}

/// Puts a view's values where they are served; nothing where later ones are there and shall stay.
std::optional<OnlineWrite> write_features(OnlineStore& store, const ViewValues& values,
                                          const FeatureArguments& arguments) {
  try {
    return store.write(values, arguments.back);
  } catch (const Error& error) {
    if (!arguments.keep_newer || error.code() != ErrorCode::kAlreadyExists) throw;
    return std::nullopt;
  }
}

void feature_materialize(CommandLine& line, const FeatureArguments& arguments) {
  const auto definitions = feature_definitions_of(line, arguments);
  const auto chosen = chosen_views(definitions, arguments.views);
  const auto store = open_online_store(definitions, line.plugins.online_stores);
  const MaterializeOptions options{current_time(), day_of("--until", arguments.until), arguments.threads};
  FeatureMarkets markets(arguments.threads, line.terminal.progress());
  std::vector<MaterializedView> done;
  for (const auto* view : chosen) {
    const Stopwatch watch;
    const auto values = newest_values(*view, markets.of(*view), options, line.terminal.progress());
    const auto write = write_features(*store, values, arguments);
    done.push_back({values.about, write, values.symbols.size(), watch.seconds()});
  }
  if (arguments.json) return line.terminal.print(materialized_json(done));
  line.terminal.print_table(materialized_table(done));
}

void feature_get(CommandLine& line, const FeatureArguments& arguments) {
  OnlineFeatures features(feature_definitions_of(line, arguments), line.plugins.online_stores);
  const auto wanted = features.find(arguments.features, arguments.views);
  const auto answers = features.get(arguments.symbols, wanted, feature_moment(arguments));
  features.refresh();  // writes down what is served
  if (arguments.json)
    return line.terminal.print(served_json(features.definitions(), arguments.symbols, answers));
  line.terminal.print_table(served_table(features.definitions(), arguments.symbols, answers));
}

EntityRows read_entity_rows(const std::string& file) {
  const auto table = read_moment_table(file, {"time", "timestamp", "event_timestamp", "date"});
  const std::size_t column = find_text_column(table.text, {"symbol", "entity", "ticker"});
  EntityRows rows;
  rows.times = table.moments;
  for (const auto& row : table.text.rows) rows.symbols.push_back(row[column]);
  return rows;
}

void feature_historical(CommandLine& line, const FeatureArguments& arguments) {
  const auto definitions = feature_definitions_of(line, arguments);
  const auto wanted = find_features(definitions, arguments.features, arguments.views);
  const auto rows = read_entity_rows(arguments.rows);
  FeatureMarkets markets(arguments.threads, line.terminal.progress());
  const auto answers =
      historical_features(definitions, wanted, rows, markets, arguments.threads, line.terminal.progress());
  const Table table = historical_table(definitions, rows, answers, arguments.statuses);
  if (arguments.out.ends_with(".csv"))
    write_csv(table, arguments.out);
  else
    write_parquet(table, arguments.out);
  line.terminal.print(fmt::format("{} of {}\n{}\n", plural(rows.symbols.size(), "row"),
                                  plural(wanted.size(), "feature"), arguments.out));
}

void feature_audit(CommandLine& line, const FeatureArguments& arguments) {
  const auto definitions = feature_definitions_of(line, arguments);
  FeatureMarkets markets(arguments.threads, line.terminal.progress());
  const auto audit = audit_features(definitions, markets, arguments.threads, line.terminal.progress());
  line.terminal.print(arguments.json ? audit_json(audit) : audit_text(audit));
  if (!audit.mismatches.empty()) line.exit_code = kFeatureMismatch;
}

void feature_status(CommandLine& line, const FeatureArguments& arguments) {
  OnlineFeatures features(feature_definitions_of(line, arguments), line.plugins.online_stores);
  const auto fresh = features.freshness(feature_moment(arguments));
  if (arguments.json) return line.terminal.print(freshness_json(features.definitions(), fresh));
  line.terminal.print_table(freshness_table(features.definitions(), fresh));
}

using FeatureGiven = std::shared_ptr<FeatureArguments>;
using FeatureWork = void (*)(CommandLine&, const FeatureArguments&);

CLI::App* add_feature_part(CLI::App& feature, CommandLine& line, const std::string& name,
                           const std::string& summary, const std::string& example,
                           const FeatureGiven& arguments, FeatureWork work) {
  auto* part = add_command(feature, name, summary, example);
  part->add_option("definitions", arguments->file, "The file of features (docs/features.md)")
      ->required()
      ->type_name("FILE.yaml");
  part->callback(
      [&line, arguments, work] { line.action = [&line, arguments, work] { work(line, *arguments); }; });
  return part;
}

void add_feature_json(CLI::App& part, const FeatureGiven& arguments) {
  part.add_flag("--json", arguments->json, "Print as JSON");
}

void add_feature_views(CLI::App& part, const FeatureGiven& arguments) {
  part.add_option("--view", arguments->views, "Only these views; repeated or with commas")
      ->delimiter(',')
      ->type_name("VIEW");
}

void add_features_wanted(CLI::App& part, const FeatureGiven& arguments) {
  part.add_option("--feature", arguments->features, "Only these features, VIEW:FEATURE")
      ->delimiter(',')
      ->type_name("NAME");
  add_feature_views(part, arguments);
}

void add_feature_at(CLI::App& part, const FeatureGiven& arguments) {
  part.add_option("--at", arguments->at, "As if it were this moment, UTC [now]")->type_name("TIME");
}

void add_feature_materialize(CLI::App& feature, CommandLine& line) {
  const auto arguments = std::make_shared<FeatureArguments>();
  auto* part = add_feature_part(feature, line, "materialize",
                                "Compute the newest values and put them where they are served",
                                "orrery feature materialize features.yaml", arguments, feature_materialize);
  add_feature_views(*part, arguments);
  part->add_option("--until", arguments->until, "No later session than this [the last one known]")
      ->type_name("DATE");
  auto* back = part->add_flag("--back", arguments->back, "Also where later values are there already");
  part->add_flag("--keep-newer", arguments->keep_newer,
                 "Where later values are there they stay, and all is well")
      ->excludes(back);
  add_threads_option(*part, arguments->threads);
  add_feature_json(*part, arguments);
}

void add_feature_get(CLI::App& feature, CommandLine& line) {
  const auto arguments = std::make_shared<FeatureArguments>();
  auto* part =
      add_feature_part(feature, line, "get", "Show the newest values of symbols, as they are served",
                       "orrery feature get features.yaml --symbols AAPL,MSFT", arguments, feature_get);
  part->add_option("--symbols", arguments->symbols, "Of these; repeated or with commas")
      ->required()
      ->delimiter(',')
      ->type_name("SYMBOL");
  add_features_wanted(*part, arguments);
  add_feature_at(*part, arguments);
  add_feature_json(*part, arguments);
}

void add_feature_historical(CLI::App& feature, CommandLine& line) {
  const auto arguments = std::make_shared<FeatureArguments>();
  auto* part =
      add_feature_part(feature, line, "historical", "Join to rows of symbols and times what was known then",
                       "orrery feature historical features.yaml --rows labels.csv --out training.parquet",
                       arguments, feature_historical);
  part->add_option("--rows", arguments->rows, "Columns symbol and time; a date is its first instant, UTC")
      ->required()
      ->type_name("FILE");
  part->add_option("--out", arguments->out, "Result, row by row: .parquet or .csv")
      ->required()
      ->type_name("FILE");
  add_features_wanted(*part, arguments);
  part->add_flag("--statuses", arguments->statuses, "Also a column with the status of each value");
  add_threads_option(*part, arguments->threads);
}

void add_feature_audit(CLI::App& feature, CommandLine& line) {
  const auto arguments = std::make_shared<FeatureArguments>();
  auto* part = add_feature_part(
      feature, line, "audit",
      "Recompute what was served, and list what is not the same to the bit (then exit code 1)",
      "orrery feature audit features.yaml", arguments, feature_audit);
  add_threads_option(*part, arguments->threads);
  add_feature_json(*part, arguments);
}

void add_feature_status(CLI::App& feature, CommandLine& line) {
  const auto arguments = std::make_shared<FeatureArguments>();
  auto* part = add_feature_part(feature, line, "status", "Show how fresh the served values of each view are",
                                "orrery feature status features.yaml", arguments, feature_status);
  add_feature_at(*part, arguments);
  add_feature_json(*part, arguments);
}

}  // namespace

void add_feature(CLI::App& app, CommandLine& line) {
  auto* feature = app.add_subcommand("feature", "Materialize, serve, join and audit features");
  feature->require_subcommand(1);
  add_feature_materialize(*feature, line);
  add_feature_get(*feature, line);
  add_feature_historical(*feature, line);
  add_feature_audit(*feature, line);
  add_feature_status(*feature, line);
}

}  // namespace orrery::cli
