#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "apps/cli/command_line.h"
#include "apps/cli/decimals.h"
#include "apps/cli/plural.h"
#include "orrery/app/measure_risk.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/number_text.h"

namespace orrery::cli {
namespace {

constexpr std::size_t kShownPositions = 30;

struct RiskArguments {
  std::string run;
  std::string weights, prices, returns, volumes, out;
  std::vector<std::string> shocks;
  RiskSettings settings;
  PositionSettings positions;
  bool json = false;
};

double read_move(const std::string& text, const std::string& shock) {
  double move = 0.0;
  if (parse_number(text, move) != NumberText::kNumber || move < -1.0) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("--shock {}: expected NAME=MOVE with a move such as -0.2, found '{}'", shock, text));
  }
  return move;
}

/// Reads "AAPL=-0.2,MSFT=-0.1".
std::map<std::string, double> read_shock(const std::string& text) {
  std::vector<std::string> parts;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(',', begin), text.size());
    parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  std::map<std::string, double> shock;
  for (const auto& [name, move] : split_settings(parts)) {
    if (!shock.emplace(name, read_move(move, text)).second) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("--shock {}: '{}' stands there twice", text, name));
    }
  }
  return shock;
}

RiskReport report_of_run(const RiskArguments& arguments) {
  if (!arguments.weights.empty() || !arguments.prices.empty() || !arguments.returns.empty()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        "risk report: a run brings its own returns; leave out --weights, --prices and --returns");
  }
  return measure_run_risk(read_stored_run(find_run(arguments.run)), arguments.settings);
}

/// Names with a weight, then those that are only looked at.
std::vector<std::string> needed_names(const std::vector<std::pair<std::string, double>>& weights,
                                      const PositionSettings& positions) {
  std::vector<std::string> names;
  std::set<std::string> seen;
  const auto need = [&](const std::string& name) {
    if (seen.insert(name).second) names.push_back(name);
  };
  for (const auto& [name, weight] : weights) {
    if (std::abs(weight) > kNoWeight) need(name);
  }
  if (!positions.benchmark.empty()) need(positions.benchmark);
  for (const auto& shock : positions.shocks) {
    for (const auto& [name, move] : shock) {
      if (name != "market") need(name);
    }
  }
  return names;
}

RiskReport report_of_book(const RiskArguments& arguments) {
  if (arguments.weights.empty() || arguments.returns.empty() == arguments.prices.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     "risk report: give a run, or --weights and one of --prices and --returns");
  }
  PositionSettings positions = arguments.positions;
  for (const auto& text : arguments.shocks) positions.shocks.push_back(read_shock(text));
  if (!arguments.volumes.empty()) {
    for (const auto& [name, traded] : read_named_numbers(arguments.volumes)) positions.traded[name] = traded;
  }
  const auto weights = read_named_numbers(arguments.weights);
  const bool are_prices = arguments.returns.empty();
  const std::string& file = are_prices ? arguments.prices : arguments.returns;
  const auto returns = read_returns_of(file, are_prices ? ReturnFileKind::kPrices : ReturnFileKind::kReturns,
                                       needed_names(weights, positions));
  std::vector<double> held(returns.names.size(), 0.0);
  for (const auto& [name, weight] : weights) {
    const auto found = std::find(returns.names.begin(), returns.names.end(), name);
    if (found != returns.names.end()) held[static_cast<std::size_t>(found - returns.names.begin())] = weight;
  }
  RiskReport report = measure_book_risk(returns, held, arguments.settings, positions);
  report.title = std::filesystem::path(arguments.weights).filename().string();
  report.source = std::filesystem::path(file).filename().string();
  return report;
}

void print_tails(const Terminal& terminal, const RiskReport& report) {
  const TailRisk& any = report.tails.front();
  terminal.print(fmt::format("{}: {} of returns, {} to {}, from {}\n\n", report.title,
                             plural(report.periods, "period"), to_string(report.first),
                             to_string(report.last), report.source));
  terminal.print(
      fmt::format("loss at {} over {}{}; {:.1f} observations lie beyond on average\n",
                  percent(any.confidence, 1), plural(static_cast<std::size_t>(any.horizon), "period"),
                  any.root_of_time ? " (one period's times the root)" : "", any.tail_observations));
  TextTable table = {{"method", "VaR", "CVaR"}};
  for (const auto& risk : report.tails) {
    table.push_back({std::string(to_string(risk.method)) + (risk.reliable ? "" : " (not reliable)"),
                     percent(risk.value_at_risk), percent(risk.expected_shortfall)});
  }
  terminal.print_table(table);
}

void print_tests(const Terminal& terminal, const RiskReport& report) {
  if (report.backtests.empty()) return;
  const auto& any = report.backtests.front().exceptions;
  terminal.print(fmt::format(
      "\n{}, each from the {} periods before; {:.1f} exceptions expected, {} to {} not rejected at {}\n"
      "Kupiec's test rejects right forecasts {} of the time, a chance of {} instead of {} {} of the time "
      "(power)\n",
      plural(any.periods, "forecast"), report.window, any.expected, any.accepted.smallest,
      any.accepted.largest, percent(any.significance, 0), percent(any.size, 1), percent(any.alternative, 1),
      percent(any.expected / static_cast<double>(any.periods), 1), percent(any.power, 1)));
  TextTable table = {
      {"method", "exceptions", "Kupiec p", "independence p", "both p", "Z1", "its p", "Z2", "its p"}};
  for (const auto& backtest : report.backtests) {
    const auto& tests = backtest.exceptions;
    const ShortfallTests none{0, 0, NAN, NAN, NAN, NAN, NAN, NAN};
    const ShortfallTests& shortfall = backtest.shortfall ? *backtest.shortfall : none;
    table.push_back({std::string(to_string(backtest.method)), std::to_string(tests.exceptions),
                     decimals(tests.coverage.p_value, 3), decimals(tests.independence.p_value, 3),
                     decimals(tests.conditional.p_value, 3), decimals(shortfall.size_statistic, 2),
                     decimals(shortfall.size_p_value, 3), decimals(shortfall.joint_statistic, 2),
                     decimals(shortfall.joint_p_value, 3)});
  }
  terminal.print_table(table);
}

std::string days_text(const std::optional<double>& days) {
  if (!days) return "–";
  return std::isinf(*days) ? "never" : decimals(*days, 1);
}

void print_positions(const Terminal& terminal, const PositionReport& book) {
  TextTable table = {{"name", "weight", "beta", "marginal", "component", "share", "of CVaR"}};
  if (book.liquidity) table.front().insert(table.front().end(), {"days to exit", "in drought"});
  for (std::size_t i = 0; i < std::min(book.lines.size(), kShownPositions); ++i) {
    const auto& line = book.lines[i];
    table.push_back({line.name, percent(line.weight), decimals(line.beta, 2), percent(line.risk.marginal),
                     percent(line.risk.component, 3), percent(line.risk.share, 1),
                     percent(line.shortfall, 3)});
    if (book.liquidity)
      table.back().insert(table.back().end(), {days_text(line.days), days_text(line.drought_days)});
  }
  terminal.print("\n");
  terminal.print_table(table);
  if (book.lines.size() > kShownPositions) {
    terminal.print(fmt::format("… and {} smaller positions; --json has them all\n",
                               book.lines.size() - kShownPositions));
  }
  const auto& spread = book.concentration;
  const auto& correlations = book.correlations;
  terminal.print(fmt::format("\ndeviation of one period  {}; beta with {} {}\n", percent(book.deviation),
                             book.benchmark, decimals(book.beta, 2)));
  terminal.print(fmt::format(
      "as concentrated as       {:.1f} equal positions; largest {}, five largest {} of {} gross\n",
      spread.effective_names, percent(spread.largest, 1), percent(spread.five_largest, 1),
      percent(spread.gross, 0)));
  terminal.print(fmt::format(
      "mean correlation         {} before, {} in the last {}; {} in the {} worst periods, {} in the best\n",
      decimals(correlations.history, 2), decimals(correlations.recent, 2), correlations.recent_periods,
      decimals(correlations.down, 2), correlations.tail_periods, decimals(correlations.up, 2)));
  if (!book.liquidity) return;
  const auto& liquidity = *book.liquidity;
  for (std::size_t i = 0; i < liquidity.periods.size(); ++i) {
    terminal.print(fmt::format("sold after {:>2.0f} days       {}; in a drought {}\n", liquidity.periods[i],
                               percent(liquidity.sold[i], 1), percent(liquidity.sold_in_drought[i], 1)));
  }
}

void print_stress(const Terminal& terminal, const RiskReport& report) {
  TextTable table = {{"stress", "loss"}};
  for (const auto& window : report.windows) {
    table.push_back(
        {fmt::format("{} ({} to {})", window.name, to_string(window.peak), to_string(window.trough)),
         percent(window.loss)});
  }
  if (report.positions) {
    const auto& book = *report.positions;
    for (const auto& shock : book.shocks) table.push_back({shock.name, percent(shock.loss)});
    table.push_back({"every position's own worst period, on one day", percent(book.gaps.all_loss)});
    table.push_back({book.largest_gap + "'s worst period alone", percent(book.gaps.largest_loss)});
  }
  if (table.size() > 1) {
    terminal.print("\n");
    terminal.print_table(table);
  }
  if (!report.positions) return;
  const auto& correlations = report.positions->correlation_stress;
  terminal.print(fmt::format(
      "deviation of one period  {} now, {} with all correlations 1, {} where hedges fail too\n",
      percent(correlations.now), percent(correlations.all_one), percent(correlations.hedges_fail)));
}

void print_falls(const Terminal& terminal, const RiskReport& report) {
  TextTable table = {{"fall", "peak", "trough", "recovered"}};
  for (const auto& fall : report.performance.worst_drawdowns) {
    table.push_back({percent(fall.depth), fall.peak ? to_string(*fall.peak) : "start", to_string(fall.trough),
                     fall.recovery ? to_string(*fall.recovery) : "not recovered"});
  }
  if (table.size() > 1) {
    terminal.print("\n");
    terminal.print_table(table);
  }
  const auto& outcomes = report.outcomes;
  if (outcomes.draws == 0) return;
  terminal.print(fmt::format(
      "\n{} made of blocks of the returns: {} end with a loss, nine of ten between {} and {}; half fall by "
      "{} or more "
      "on the way, one in twenty by {}\n",
      plural(static_cast<std::size_t>(outcomes.sessions), "period"), percent(outcomes.loss_probability, 0),
      percent(outcomes.low.back(), 1), percent(outcomes.high.back(), 1), percent(outcomes.fall_median, 1),
      percent(outcomes.fall_high, 1)));
}

void risk_report_command(CommandLine& line, const RiskArguments& arguments) {
  const RiskReport report = arguments.run.empty() ? report_of_book(arguments) : report_of_run(arguments);
  if (!arguments.out.empty()) write_file_atomically(arguments.out, render_risk_report(report));
  if (arguments.json) {
    line.terminal.print(risk_json(report));
    return;
  }
  print_tails(line.terminal, report);
  print_tests(line.terminal, report);
  if (report.positions) print_positions(line.terminal, *report.positions);
  print_stress(line.terminal, report);
  print_falls(line.terminal, report);
  for (const auto& note : report.notes) line.terminal.print("note: " + note + "\n");
  if (!arguments.out.empty()) line.terminal.print("page: " + arguments.out + "\n");
}

void add_tail_options(CLI::App& command, RiskSettings& settings) {
  command.add_option("--confidence", settings.tail.confidence, "Of VaR and CVaR")
      ->capture_default_str()
      ->check(CLI::Range(0.5, 1.0));
  command.add_option("--horizon", settings.tail.horizon, "Periods over which the loss is measured")
      ->capture_default_str()
      ->check(CLI::PositiveNumber)
      ->type_name("N");
  command.add_flag("--root-of-time", settings.tail.root_of_time,
                   "One period's loss times the root of the horizon, instead of the horizon's own returns");
  command.add_option("--window", settings.window, "Periods that each tested forecast is made from")
      ->capture_default_str()
      ->check(CLI::Range(20, 100000))
      ->type_name("N");
  command
      .add_option("--alternative", settings.alternative,
                  "Chance of an exception that the test's power is told for [twice the one that is said]")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--seed", settings.tail.seed, "Of Monte Carlo and the bootstrap")->capture_default_str();
  command.add_option("--periods-per-year", settings.periods_per_year, "For the bootstrap's year")
      ->capture_default_str()
      ->check(CLI::Range(1.0, 100000.0));
}

void add_book_options(CLI::App& command, RiskArguments& arguments) {
  command
      .add_option("--weights", arguments.weights,
                  "The book: name, weight; as 'orrery optimize --out' writes it")
      ->type_name("FILE");
  command.add_option("--prices", arguments.prices, "Prices: date, symbol, close, or a column for each name")
      ->type_name("FILE");
  command.add_option("--returns", arguments.returns, "Returns in the same form")->type_name("FILE");
  command
      .add_option("--benchmark", arguments.positions.benchmark,
                  "A name of that table for betas [the names' mean]")
      ->type_name("NAME");
  command
      .add_option("--shock", arguments.shocks,
                  "Names that move so much, the others as they usually do then; 'market' is the benchmark; "
                  "repeatable")
      ->type_name("NAME=MOVE[,…]");
  command.add_option("--volumes", arguments.volumes, "Value traded a day: name, number; for days to exit")
      ->type_name("FILE");
  command.add_option("--equity", arguments.positions.equity, "In the currency of those values")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  command
      .add_option("--participation", arguments.positions.share, "Part of the traded value that may be ours")
      ->capture_default_str()
      ->check(CLI::Range(1e-6, 1.0));
  command
      .add_option("--drought", arguments.positions.drought, "Part of the usual volume that a drought leaves")
      ->capture_default_str()
      ->check(CLI::Range(1e-6, 1.0));
}

}  // namespace

void add_risk(CLI::App& app, CommandLine& line) {
  auto* risk = app.add_subcommand("risk", "What a portfolio may lose");
  risk->require_subcommand(1);
  auto* command =
      add_command(*risk, "report",
                  "VaR and CVaR with their tests, parts of each position, stress, falls, and a page of them",
                  "orrery risk report --weights weights.csv --prices prices.csv --out risk.html");
  auto arguments = std::make_shared<RiskArguments>();
  command->add_option("run", arguments->run, "A run's folder, whose net returns are looked at")
      ->type_name("RUN");
  add_book_options(*command, *arguments);
  add_tail_options(*command, arguments->settings);
  command->add_option("--out", arguments->out, "Where the page goes")->type_name("FILE.html");
  command->add_flag("--json", arguments->json, "Print as JSON");
  command->callback(
      [&line, arguments] { line.action = [&line, arguments] { risk_report_command(line, *arguments); }; });
}

}  // namespace orrery::cli
