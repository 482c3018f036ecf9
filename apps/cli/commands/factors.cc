#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "apps/cli/factor_request.h"
#include "apps/cli/factors_evaluate.h"
#include "apps/cli/factors_stream.h"
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

/// Results of a block of sessions on their way into the file; they stand there twice more for a moment, as a
/// table and encoded.
constexpr std::size_t kBlockBytes = std::size_t{32} << 20;

struct ComputeArguments {
  FactorRequest factors;
  PriceRequest prices;
  std::string in;
  std::string out;
  int threads = 0;
  bool json = false;
};

void compute_command(CommandLine& line, const ComputeArguments& arguments) {
  const auto definitions = arguments.factors.definitions();
  PriceLoad prices =
      load_prices(arguments.prices.of_file(arguments.in, arguments.threads), line.terminal.progress());
  FactorOptions options;
  options.precision = arguments.factors.parsed_precision();
  options.threads = arguments.threads;
  prices.market.raw.clear();  // factors don't read them, and memory is for results
  const Stopwatch watch;
  ParquetWriter writer(arguments.out);
  std::size_t rows = 0;
  compute_factor_blocks(
      definitions, prices.market, options, kBlockBytes,
      [&](RowRange sessions, const FactorFrame& block) {
        const Table table = factor_table(prices.market, sessions, block);
        rows += table.rows();
        writer.append(table);
      },
      line.terminal.progress());
  writer.close();
  const double seconds = watch.seconds();
  if (arguments.json) {
    const nlohmann::ordered_json json = {{"factors", definitions.size()},
                                         {"rows", rows},
                                         {"seconds", seconds},
                                         {"quarantined", prices.summary.rows_quarantined},
                                         {"out", arguments.out}};
    line.terminal.print(json.dump(1) + "\n");
    return;
  }
  line.terminal.print(fmt::format(
      "{} factors, {} rows, computed and written in {:.2f} s ({} rows of the input quarantined)\n{}\n",
      definitions.size(), rows, seconds, prices.summary.rows_quarantined, arguments.out));
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
                             factor.without_end ? "; all rows before count too" : ""));
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
  add_factor_options(*command, arguments->factors);
  command->add_option("--in", arguments->in, "Prices: .parquet, .csv or .csv.gz")
      ->required()
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "Result: date, symbol, one column a factor")
      ->required()
      ->type_name("FILE.parquet");
  add_price_options(*command, arguments->prices);
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
  auto* factors = app.add_subcommand("factors", "Compute, judge, stream, list and explain factors");
  factors->require_subcommand(1);
  add_compute(*factors, line);
  add_factors_evaluate(*factors, line);
  add_factors_stream(*factors, line);
  add_list(*factors, line);
  add_explain(*factors, line);
  add_operators(*factors, line);
}

}  // namespace orrery::cli
