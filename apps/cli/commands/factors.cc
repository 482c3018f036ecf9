#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "apps/cli/command_line.h"
#include "orrery/app/scores_table.h"
#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "orrery/data/parquet.h"
#include "orrery/data/prices.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/factor_set.h"

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
  TextTable table = {{"factor", "expression"}};
  nlohmann::ordered_json list = nlohmann::ordered_json::array();
  for (const auto& definition : factor_set(set)) {
    const auto text = definition.name + " " + definition.expression;
    if (text.find(search) == std::string::npos) continue;
    table.push_back({definition.name, definition.expression});
    list.push_back({{"name", definition.name}, {"expression", definition.expression}});
  }
  if (json) {
    line.terminal.print(list.dump(1) + "\n");
  } else {
    line.terminal.print_table(table);
  }
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
    std::string set = "alpha158";
    std::string search;
    bool json = false;
  };
  auto* command = add_command(factors, "list", "List the factors of a set with their expressions",
                              "orrery factors list --set alpha158 --search Corr");
  auto arguments = std::make_shared<Arguments>();
  command->add_option("--set", arguments->set, "The set")->capture_default_str()->type_name("NAME");
  command->add_option("--search", arguments->search, "Only those whose name or expression holds this text")
      ->type_name("TEXT");
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback([&line, arguments] {
    line.action = [&line, arguments] {
      list_command(line, arguments->set, arguments->search, arguments->json);
    };
  });
}

}  // namespace

void add_factors(CLI::App& app, CommandLine& line) {
  auto* factors = app.add_subcommand("factors", "Compute and list factors");
  factors->require_subcommand(1);
  add_compute(*factors, line);
  add_list(*factors, line);
}

}  // namespace orrery::cli
