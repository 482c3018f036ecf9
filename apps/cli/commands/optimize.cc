#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "apps/cli/command_line.h"
#include "apps/cli/decimals.h"
#include "apps/cli/plural.h"
#include "orrery/app/constraint_file.h"
#include "orrery/app/exposure_file.h"
#include "orrery/app/return_file.h"
#include "orrery/app/view_file.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"
#include "orrery/portfolio/covariance.h"
#include "orrery/portfolio/portfolio_summary.h"
#include "orrery/risk/position_risk.h"

namespace orrery::cli {
namespace {

constexpr double kRounding = 1e-12;  ///< all the volatility that a portfolio of constant returns has
constexpr std::size_t kShownNames = 30;

struct OptimizeArguments {
  std::string returns;
  std::string prices;
  std::string objective;
  std::string expected;
  std::string views;
  std::string constraints;
  std::string exposures;
  std::string out;
  std::vector<std::string> settings;
  double periods_per_year = 252.0;
  bool json = false;
};

NamedReturns read_input(const OptimizeArguments& arguments) {
  if (arguments.returns.empty() == arguments.prices.empty()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "optimize: give either --returns or --prices, a table with a date column and one for each name");
  }
  if (arguments.prices.empty()) return read_returns(arguments.returns, ReturnFileKind::kReturns);
  return read_returns(arguments.prices, ReturnFileKind::kPrices);
}

/// Reads --set into settings of the covariance and of the optimizer; a name of neither is an error.
std::pair<ParameterMap, ParameterMap> read_settings(const OptimizeArguments& arguments,
                                                    const OptimizerEntry& entry) {
  std::vector<ParameterInfo> all = entry.info.parameters;
  const auto covariance = covariance_parameters();
  all.insert(all.end(), covariance.begin(), covariance.end());
  ParameterMap given;
  for (const auto& [name, text] : split_settings(arguments.settings)) {
    ConfigNode scalar;
    scalar.kind = ConfigNode::Kind::kScalar;
    scalar.scalar = text;
    given[name] = scalar_value(scalar);
  }
  complete_parameters(given, all);  // says what is wrong
  ParameterMap of_covariance, of_optimizer;
  for (const auto& [name, value] : given) {
    const bool common = std::any_of(covariance.begin(), covariance.end(),
                                    [&name = name](const ParameterInfo& info) { return info.name == name; });
    (common ? of_covariance : of_optimizer)[name] = value;
  }
  return {complete_parameters(of_covariance, covariance), of_optimizer};
}

void write_weights(const std::string& path, const PortfolioProblem& problem,
                   const std::vector<double>& weights) {
  std::string text = "name,weight\n";
  for (std::size_t i = 0; i < weights.size(); ++i) {
    append_csv_field(problem.names[i], text);
    text += fmt::format(",{}\n", number_text(weights[i]));
  }
  write_file_atomically(path, text);
}

/// Returns the names by falling size of their weight, those without one left out.
std::vector<std::size_t> held_names(const std::vector<double>& weights) {
  std::vector<std::size_t> held;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (std::abs(weights[i]) > kNoWeight) held.push_back(i);
  }
  std::stable_sort(held.begin(), held.end(), [&](std::size_t left, std::size_t right) {
    return std::abs(weights[left]) > std::abs(weights[right]);
  });
  return held;
}

void print_portfolio(const Terminal& terminal, const OptimizeArguments& arguments,
                     const NamedReturns& returns, const PortfolioProblem& problem,
                     const OptimizedPortfolio& answer) {
  const auto summary = summarise_portfolio(problem, answer.weights);
  const auto parts = component_risk(problem.risk, answer.weights);
  const auto spread = measure_concentration(answer.weights);
  const auto held = held_names(answer.weights);
  TextTable table = {{"name", "weight", "part of the risk"}};
  for (std::size_t place = 0; place < std::min(held.size(), kShownNames); ++place) {
    table.push_back({problem.names[held[place]], percent(answer.weights[held[place]]),
                     percent(parts[held[place]].share)});
  }
  terminal.print(fmt::format("{}: {} of {} names, from {} of returns ({} to {})\n\n", arguments.objective,
                             held.size(), problem.names.size(), plural(returns.table.periods, "period"),
                             returns.first, returns.last));
  terminal.print_table(table);
  if (held.size() > kShownNames) {
    terminal.print(fmt::format("… and {} smaller positions{}\n", held.size() - kShownNames,
                               arguments.out.empty() ? "; --out FILE.csv writes them all" : ""));
  }
  const double year = arguments.periods_per_year;
  const double mean = year * summary.expected_return, deviation = std::sqrt(year) * summary.volatility;
  terminal.print(fmt::format("\nvolatility a year        {}\n", percent(deviation)));
  if (!std::isnan(mean)) {
    const double ratio = deviation > kRounding ? mean / deviation : std::nan("");
    terminal.print(
        fmt::format("expected return a year   {}   (ratio {})\n", percent(mean), decimals(ratio, 2)));
  }
  terminal.print(
      fmt::format("as concentrated as       {:.1f} equal positions; diversification ratio {:.2f}\n",
                  spread.effective_names, summary.diversification));
  if (!problem.current.empty()) {
    terminal.print(fmt::format("one-way turnover         {}\n", percent(summary.turnover)));
  }
  for (const auto& remark : answer.remarks) terminal.print("note: " + remark + "\n");
  if (returns.incomplete > 0) {
    terminal.print(fmt::format("note: {} left out, because a name has no return there\n",
                               plural(returns.incomplete, "period")));
  }
  if (!arguments.out.empty()) terminal.print("weights: " + arguments.out + "\n");
}

std::string portfolio_json(const OptimizeArguments& arguments, const NamedReturns& returns,
                           const PortfolioProblem& problem, const OptimizedPortfolio& answer) {
  const auto summary = summarise_portfolio(problem, answer.weights);
  const auto parts = component_risk(problem.risk, answer.weights);
  const auto spread = measure_concentration(answer.weights);
  nlohmann::ordered_json weights;
  for (std::size_t i = 0; i < answer.weights.size(); ++i) {
    weights.push_back({{"name", problem.names[i]},
                       {"weight", answer.weights[i]},
                       {"risk_share", parts[i].share},
                       {"expected_return", problem.expected_returns[i]}});
  }
  const nlohmann::ordered_json json = {{"objective", arguments.objective},
                                       {"periods", returns.table.periods},
                                       {"incomplete_periods", returns.incomplete},
                                       {"first", returns.first},
                                       {"last", returns.last},
                                       {"expected_return", summary.expected_return},
                                       {"volatility", summary.volatility},
                                       {"effective_names", spread.effective_names},
                                       {"diversification_ratio", summary.diversification},
                                       {"gross", spread.gross},
                                       {"turnover", summary.turnover},
                                       {"cost", summary.cost},
                                       {"remarks", answer.remarks},
                                       {"weights", weights}};
  return json.dump(1) + "\n";
}

/// `problem` has returns and their covariance.
std::vector<double> expected_returns(const OptimizeArguments& arguments, const PortfolioProblem& problem) {
  if (!arguments.views.empty()) return read_views(arguments.views, problem);
  if (!arguments.expected.empty()) return read_numbers_for(arguments.expected, problem.names, 0.0);
  return mean_returns(problem.returns);
}

void optimize_command(CommandLine& line, const OptimizeArguments& arguments) {
  const OptimizerEntry& entry = line.plugins.optimizers.get(arguments.objective);
  const auto [covariance, parameters] = read_settings(arguments, entry);
  const NamedReturns returns = read_input(arguments);
  PortfolioProblem problem;
  problem.names = returns.names;
  problem.returns = returns.table;
  const auto exposures =
      arguments.exposures.empty() ? NameExposures{} : read_exposures(arguments.exposures, returns.names);
  problem.risk = estimate_covariance(returns.table, read_covariance_settings(covariance), exposures);
  problem.expected_returns = expected_returns(arguments, problem);
  read_constraints(arguments.constraints, problem);
  const auto answer = optimize_portfolio(line.plugins.optimizers, arguments.objective, parameters, problem);
  if (!arguments.out.empty()) write_weights(arguments.out, problem, answer.weights);
  if (arguments.json) {
    line.terminal.print(portfolio_json(arguments, returns, problem, answer));
  } else {
    print_portfolio(line.terminal, arguments, returns, problem, answer);
  }
}

/// Lists what there is, for the help.
std::string objectives_text(const OptimizerRegistry& registry) {
  std::string text = "\nObjectives (settings with --set):\n";
  const auto describe = [&text](const ParameterInfo& parameter) {
    text += fmt::format("      {} = {}: {}\n", parameter.name, to_string(parameter.default_value),
                        parameter.summary);
  };
  for (const auto& name : registry.names()) {
    const OptimizerInfo& info = registry.get(name).info;
    text += fmt::format("  {}: {}\n", name, info.summary);
    for (const auto& parameter : info.parameters) describe(parameter);
  }
  text += "Of all of them:\n";
  for (const auto& parameter : covariance_parameters()) describe(parameter);
  return text;
}

}  // namespace

void add_optimize(CLI::App& app, CommandLine& line) {
  auto* command =
      add_command(app, "optimize", "Weights of a portfolio from returns, an objective and constraints",
                  "orrery optimize --prices prices.csv --objective min_volatility --out weights.csv");
  auto arguments = std::make_shared<OptimizeArguments>();
  command->add_option("--returns", arguments->returns, "Returns: a date column, then one for each name")
      ->type_name("FILE");
  command->add_option("--prices", arguments->prices, "Prices in the same form; returns are made of them")
      ->type_name("FILE");
  command->add_option("--objective", arguments->objective, "What is wanted; the list is below")
      ->required()
      ->type_name("NAME");
  command
      ->add_option("--expected", arguments->expected,
                   "Expected returns of one period: name, number (default: the means of the past; 0 for "
                   "names left out)")
      ->type_name("FILE");
  command
      ->add_option("--views", arguments->views,
                   "Expected returns by Black and Litterman: an equilibrium and views (docs/portfolio.md)")
      ->type_name("FILE.yaml")
      ->excludes("--expected");
  command->add_option("--constraints", arguments->constraints, "What weights may be (docs/portfolio.md)")
      ->type_name("FILE.yaml");
  command
      ->add_option("--exposures", arguments->exposures,
                   "Of covariance=fundamental: name, sector and columns of styles such as size")
      ->type_name("FILE");
  command->add_option("--out", arguments->out, "Where the weights go")->type_name("FILE.csv");
  command->add_option("--periods-per-year", arguments->periods_per_year, "For the figures that are printed")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command
      ->add_option("--set", arguments->settings, "A setting of the objective or the covariance; repeatable")
      ->type_name("KEY=VALUE");
  command->add_flag("--json", arguments->json, "Print as JSON; figures of one period");
  command->footer([&line] { return objectives_text(line.plugins.optimizers); });
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { optimize_command(line, *arguments); }; });
}

}  // namespace orrery::cli
