#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "orrery/app/scores_table.h"
#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "orrery/data/parquet.h"
#include "orrery/data/prices.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/explanation.h"
#include "orrery/factor/factor_set.h"
#include "orrery/factor/operator.h"

namespace orrery::cli {
namespace {

struct ComputeArguments {
  std::vector<std::string> sets;
  std::vector<std::string> expressions;
  PriceSource source;
  std::string in;
  std::string out;
  std::string adjustment = "forward";
  std::string precision = "float32";
  int threads = 0;
  bool json = false;
};

Adjustment parse_adjustment(const std::string& name) {
  if (name == "forward") return Adjustment::kForward;
  return name == "backward" ? Adjustment::kBackward : Adjustment::kNone;
}

std::vector<FactorDefinition> requested_factors(const ComputeArguments& arguments) {
  std::vector<FactorDefinition> definitions;
  for (const auto& set : arguments.sets) {
    const auto found = factor_set(set);
    definitions.insert(definitions.end(), found.begin(), found.end());
  }
  for (const auto& expression : arguments.expressions) {
    const auto equals = expression.find('=');
    if (equals == std::string::npos || equals == 0) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("--expr wants NAME=EXPRESSION, found '{}'", expression));
    }
    definitions.push_back({expression.substr(0, equals), expression.substr(equals + 1)});
  }
  if (definitions.empty())
    throw user_error(ErrorCode::kInvalidArgument, "nothing to compute: give --set or --expr");
  return definitions;
}

void compute_command(CommandLine& line, const ComputeArguments& arguments) {
  const auto definitions = requested_factors(arguments);
  PriceSource source = arguments.source;
  source.path = arguments.in;
  source.adjustment = parse_adjustment(arguments.adjustment);
  source.threads = arguments.threads;
  const PriceLoad prices = load_prices(source, line.terminal.progress());
  FactorOptions options;
  options.precision = arguments.precision == "float64" ? Precision::kFloat64 : Precision::kFloat32;
  options.threads = arguments.threads;
  const Stopwatch watch;
  const FactorFrame factors = compute_factors(definitions, prices.market, options, line.terminal.progress());
  const double seconds = watch.seconds();
  const Table table = factor_table(prices.market, factors);
  write_parquet(table, arguments.out);
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"factors", factors.names.size()},
                                         {"rows", table.rows()},
                                         {"seconds", seconds},
                                         {"quarantined", prices.summary.rows_quarantined},
                                         {"out", arguments.out}};
    line.terminal.print(json.dump(1) + "\n");
    return;
  }
  line.terminal.print(fmt::format(
      "{} factors, {} rows, computed in {:.2f} s ({} rows of the input quarantined)\n{}\n",
      factors.names.size(), table.rows(), seconds, prices.summary.rows_quarantined, arguments.out));
}

void list_command(CommandLine& line, const std::string& set, const std::string& search, bool json) {
  const auto found = search_factors(set, search);
  TextTable table = {{"factor", "expression", "about"}};
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& [from, definition, note] : found) {
    const std::string name = set.empty() ? fmt::format("{}:{}", from, definition.name) : definition.name;
    table.push_back({name, definition.expression, note.summary});
    list.push_back({{"name", name},
                    {"expression", definition.expression},
                    {"summary", note.summary},
                    {"units", note.units},
                    {"direction", note.direction},
                    {"source", note.source}});
  }
  if (json) return line.terminal.print(list.dump(1) + "\n");
  if (found.empty()) return line.terminal.print(fmt::format("no factor holds '{}'\n", search));
  line.terminal.print_table(table);
}

std::string operator_text(const OperatorInfo& info) {
  std::string text = fmt::format("{}\n  {}\n", info.name, info.summary);
  for (const auto& argument : info.arguments) {
    const std::string fallback = argument.fallback ? fmt::format(" (default {})", *argument.fallback) : "";
    text += fmt::format("  {:<14}{}{}\n", argument.name, argument.summary, fallback);
  }
  if (!info.outputs.empty()) text += fmt::format("outputs   {}\n", fmt::join(info.outputs, ", "));
  if (!info.aliases.empty()) text += fmt::format("aliases   {}\n", fmt::join(info.aliases, ", "));
  text += fmt::format("missing   {}\nwarm-up   {}\nsource    {}\nexample   {}\n", info.missing, info.warm_up,
                      info.source, info.example.expression);
  return text;
}

std::string explanation_text(const FactorExplanation& factor) {
  const std::string name = factor.set.empty() ? "" : fmt::format("{}:{}\n", factor.set, factor.name);
  std::string text = name;
  const auto add = [&](std::string_view key, const std::string& value) {
    if (!value.empty()) text += fmt::format("{:<11}{}\n", key, value);
  };
  if (!factor.note.summary.empty()) text += fmt::format("  {}\n", factor.note.summary);
  add("expression", factor.expression);
  add("formula", factor.formula);
  add("source", factor.note.source);
  add("units", factor.note.units);
  add("direction", factor.note.direction == "+"   ? "high values are held to promise high returns"
                   : factor.note.direction == "-" ? "low values are held to promise high returns"
                                                  : "");
  add("reads", fmt::format("{}", fmt::join(factor.fields, ", ")));
  add("groups", fmt::format("{}", fmt::join(factor.groups, ", ")));
  add("warm-up", fmt::format("{} sessions before its own{}", factor.span.look_back_rows,
                             factor.without_end ? "; it remembers all before, their weight falling" : ""));
  const std::size_t stages = factor.plan.empty() ? 1 : factor.plan.back().stage;
  add("cost",
      fmt::format("{} steps in {} stage{}, {:.0f} KiB for a tile of 32 instruments; {} equal part{} merged",
                  factor.plan.size(), stages, stages == 1 ? "" : "s",
                  static_cast<double>(factor.tile_bytes) / 1024.0, factor.merged_calls,
                  factor.merged_calls == 1 ? "" : "s"));
  if (factor.nodes_in_set > 0) {
    add("in its set", fmt::format("{} of {} steps are its own; the others serve more factors",
                                  factor.nodes_in_set - factor.nodes_without, factor.nodes_in_set));
  }
  text += "plan\n";
  for (const auto& step : factor.plan) text += fmt::format("  {}\n", step.text);
  return text;
}

nlohmann::ordered_json explanation_json(const FactorExplanation& factor) {
  std::vector<std::string> plan;
  for (const auto& step : factor.plan) plan.push_back(step.text);
  return {{"name", factor.name},
          {"set", factor.set},
          {"summary", factor.note.summary},
          {"expression", factor.expression},
          {"formula", factor.formula},
          {"source", factor.note.source},
          {"units", factor.note.units},
          {"direction", factor.note.direction},
          {"fields", factor.fields},
          {"groups", factor.groups},
          {"look_back_rows", factor.span.look_back_rows},
          {"remembers_all", factor.without_end},
          {"steps", factor.plan.size()},
          {"steps_of_its_own_in_set", factor.nodes_in_set - factor.nodes_without},
          {"tile_bytes", factor.tile_bytes},
          {"plan", plan}};
}

void explain_command(CommandLine& line, const std::string& name, bool json) {
  if (const Operator* found = find_operator(name)) {
    if (!json) return line.terminal.print(operator_text(found->info));
    return line.terminal.print(nlohmann::ordered_json{{"operator", found->info.name},
                                                      {"summary", found->info.summary},
                                                      {"missing", found->info.missing},
                                                      {"warm_up", found->info.warm_up},
                                                      {"source", found->info.source},
                                                      {"example", found->info.example.expression}}
                                   .dump(1) +
                               "\n");
  }
  const FactorExplanation factor = explain_factor(name);
  line.terminal.print(json ? explanation_json(factor).dump(1) + "\n" : explanation_text(factor));
}

void operators_command(CommandLine& line, const std::string& search) {
  TextTable table = {{"operator", "what it is"}};
  for (const auto& info : operator_infos()) {
    std::vector<std::string> names;
    for (const auto& argument : info.arguments) names.push_back(argument.name);
    const std::string call = fmt::format("{}({})", info.name, fmt::join(names, ", "));
    const std::string whole = fmt::format("{} {} {}", call, info.summary, fmt::join(info.aliases, " "));
    if (whole.find(search) != std::string::npos) table.push_back({call, info.summary});
  }
  line.terminal.print_table(table);
}

void add_compute(CLI::App& factors, CommandLine& line) {
  auto* command = add_command(
      factors, "compute", "Compute factors over a price file into a Parquet file",
      "orrery factors compute --set alpha158 --expr 'R5=Ref($close,5)/$close-1' --in ohlcv.parquet "
      "--out factors.parquet");
  auto arguments = std::make_shared<ComputeArguments>();
  command
      ->add_option("--set", arguments->sets,
                   fmt::format("A set of factors: {}", fmt::join(factor_set_names(), ", ")))
      ->type_name("NAME")
      ->allow_extra_args(false);
  command->add_option("--expr", arguments->expressions, "A factor of your own; repeatable")
      ->type_name("NAME=EXPR")
      ->allow_extra_args(false);
  command->add_option("--in", arguments->in, "Prices: .parquet, .csv or .csv.gz")
      ->required()
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "Result: date, symbol, one column a factor")
      ->required()
      ->type_name("FILE.parquet");
  command
      ->add_option("--calendar", arguments->source.calendar,
                   "Trading calendar, or 'file' for the dates found there")
      ->capture_default_str()
      ->type_name("NAME");
  command->add_option("--adjustment", arguments->adjustment, "How adj_close is used: forward, backward, none")
      ->capture_default_str()
      ->check(CLI::IsMember({"forward", "backward", "none"}))
      ->type_name("HOW");
  command
      ->add_option("--sectors", arguments->source.sectors,
                   "Sectors for $sector: .csv with the columns symbol, sector")
      ->type_name("FILE.csv");
  command->add_option("--precision", arguments->precision, "float32 (as qlib) or float64")
      ->capture_default_str()
      ->check(CLI::IsMember({"float32", "float64"}))
      ->type_name("TYPE");
  add_threads_option(*command, arguments->threads);
  command->add_flag("--json", arguments->json, "Print the summary as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { compute_command(line, *arguments); }; });
}

void add_list(CLI::App& factors, CommandLine& line) {
  struct Arguments {
    std::string set;
    std::string search;
    bool json = false;
  };
  auto* command = add_command(factors, "list", "List factors of the sets with their expressions",
                              "orrery factors list --search momentum");
  auto arguments = std::make_shared<Arguments>();
  command
      ->add_option("--set", arguments->set,
                   fmt::format("A set ({}) or the path of a .factors file; none: all sets",
                               fmt::join(factor_set_names(), ", ")))
      ->type_name("NAME");
  command
      ->add_option("--search", arguments->search,
                   "Only those whose name, expression, summary or source holds this text")
      ->type_name("TEXT");
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback([&line, arguments] {
    line.action = [&line, arguments] {
      list_command(line, arguments->set, arguments->search, arguments->json);
    };
  });
}

void add_explain(CLI::App& factors, CommandLine& line) {
  struct Arguments {
    std::string name;
    bool json = false;
  };
  auto* command =
      add_command(factors, "explain",
                  "Explain a factor, an expression or an operator: formula, source, plan, warm-up, cost",
                  "orrery factors explain literature:amihud");
  auto arguments = std::make_shared<Arguments>();
  command
      ->add_option("name", arguments->name,
                   "A factor (alpha158:MA5), an operator (Mean) or an expression in quotes")
      ->required()
      ->type_name("NAME");
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback([&line, arguments] {
    line.action = [&line, arguments] { explain_command(line, arguments->name, arguments->json); };
  });
}

void add_operators(CLI::App& factors, CommandLine& line) {
  auto* command = add_command(factors, "operators", "List the operators of the factor language",
                              "orrery factors operators --search CS");
  auto search = std::make_shared<std::string>();
  command->add_option("--search", *search, "Only those whose name or summary holds this text")
      ->type_name("TEXT");
  command->callback([&line, search] { line.action = [&line, search] { operators_command(line, *search); }; });
}

}  // namespace

void add_factors(CLI::App& app, CommandLine& line) {
  auto* factors = app.add_subcommand("factors", "Compute, list and explain factors");
  factors->require_subcommand(1);
  add_compute(*factors, line);
  add_list(*factors, line);
  add_explain(*factors, line);
  add_operators(*factors, line);
}

}  // namespace orrery::cli
