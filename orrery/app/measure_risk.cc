#include "orrery/app/measure_risk.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/spelling.h"
#include "orrery/data/parquet.h"
#include "orrery/ml/outcome_bootstrap.h"

namespace orrery {
namespace {

constexpr double kTailShare = 0.1;         ///< of periods that count as the worst, and the best
constexpr std::size_t kFewestTested = 30;  ///< forecasts; fewer say nothing
constexpr int kDrawsOfATest = 10'000;      ///< of each of many forecasts, beside a single one's
constexpr const char* kMarket = "market";

std::vector<Date> dates_of_periods(const NamedReturns& returns) {
  std::vector<Date> dates;
  for (const auto& text : returns.dates) {
    const auto date = parse_date(text);
    if (!date) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("'{}' is no date; the table's dates must be like 2020-12-31", text));
    }
    dates.push_back(*date);
  }
  return dates;
}

void measure_tails(const RiskSettings& settings, RiskReport& report) {
  for (const TailMethod method : kTailMethods) {
    report.tails.push_back(measure_tail_risk(report.returns, method, settings.tail));
    if (!report.tails.back().reliable) {
      report.notes.push_back(
          "Cornish–Fisher: skewness and kurtosis are so large that its quantiles don't ascend; its figures "
          "mean "
          "little.");
    }
  }
}

void test_tails(const RiskSettings& settings, RiskReport& report) {
  const auto horizon = static_cast<std::size_t>(settings.tail.horizon);
  if (report.returns.size() < settings.window + kFewestTested * horizon) {
    report.notes.push_back(
        fmt::format("Forecasts were not tested: {} returns leave fewer than {} horizons after the first {}.",
                    report.returns.size(), kFewestTested, settings.window));
    return;
  }
  TailBacktestSettings tested;
  tested.tail = settings.tail;
  tested.tail.draws = std::min(tested.tail.draws, kDrawsOfATest);
  tested.window = settings.window;
  tested.tests.alternative = settings.alternative;
  for (const TailMethod method : kTailMethods) {
    report.backtests.push_back(backtest_tail_risk(report.returns, method, tested));
    const auto& backtest = report.backtests.back();
    if (backtest.unreliable > 0) {
      report.notes.push_back(fmt::format("{}: {} of {} tested forecasts lie outside its domain.",
                                         to_string(method), backtest.unreliable, backtest.forecasts.size()));
    }
  }
}

/// Fills in what the series of returns alone says.
void measure_series(const RiskSettings& settings, RiskReport& report) {
  report.first = report.dates.front();
  report.last = report.dates.back();
  report.periods = report.returns.size();
  report.periods_per_year = settings.periods_per_year;
  report.window = settings.window;
  measure_tails(settings, report);
  test_tails(settings, report);
  PerformanceInputs inputs;
  inputs.dates = report.dates;
  inputs.net_returns = report.returns;
  inputs.periods_per_year = settings.periods_per_year;
  report.performance = measure_performance(inputs);
  BlockBootstrapOptions bootstrap;
  bootstrap.draws = settings.bootstrap_draws;
  bootstrap.seed = settings.tail.seed;
  report.outcomes =
      bootstrap_outcomes(report.returns, static_cast<int>(std::lround(settings.periods_per_year)), bootstrap);
  report.windows = replay_windows(report.dates, report.returns);
}

std::size_t place_of(const std::string& name, const std::vector<std::string>& names, const char* what) {
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{}: '{}' is none of the {} names with returns{}", what, name, names.size(),
                                 did_you_mean(name, names)));
  }
  return static_cast<std::size_t>(found - names.begin());
}

std::vector<double> benchmark_returns(const NamedReturns& returns, const std::string& benchmark) {
  const auto& table = returns.table;
  if (benchmark.empty()) {
    return portfolio_returns(table, std::vector<double>(table.names, 1.0 / static_cast<double>(table.names)));
  }
  std::vector<double> weights(table.names, 0.0);
  weights[place_of(benchmark, returns.names, "benchmark")] = 1.0;
  return portfolio_returns(table, weights);
}

ShockLine shock_line(const std::map<std::string, double>& shock, const NamedReturns& returns,
                     const std::vector<double>& weights, const RiskModel& risk,
                     const std::vector<double>& name_betas) {
  ShockLine line;
  for (const auto& [name, move] : shock) {
    line.name += fmt::format("{}{} {:+.1f} %", line.name.empty() ? "" : ", ", name, 100.0 * move);
  }
  const auto market = shock.find(kMarket);
  if (market == shock.end()) {
    std::vector<NameShock> shocks;
    for (const auto& [name, move] : shock) shocks.push_back({place_of(name, returns.names, "shock"), move});
    line.loss = shock_loss(weights, propagate_shocks(risk, shocks));
    return line;
  }
  if (shock.size() > 1) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("shock '{}': the market moves all names by their betas; it can't move with others",
                    line.name));
  }
  std::vector<double> moves;
  for (const double beta : name_betas) moves.push_back(beta * market->second);
  line.loss = shock_loss(weights, moves);
  return line;
}

std::vector<double> traded_values(const NamedReturns& returns, const PositionSettings& settings,
                                  double part) {
  std::vector<double> traded;
  for (const auto& name : returns.names) {
    const auto found = settings.traded.find(name);
    traded.push_back(found == settings.traded.end() ? kNaN : part * found->second);
  }
  return traded;
}

void measure_liquidity(const NamedReturns& returns, const std::vector<double>& weights,
                       const PositionSettings& settings, std::vector<PositionLine>& lines,
                       PositionReport& report) {
  if (settings.traded.empty()) return;
  const auto usual =
      days_to_exit(weights, traded_values(returns, settings, 1.0), settings.equity, settings.share);
  const auto drought = days_to_exit(weights, traded_values(returns, settings, settings.drought),
                                    settings.equity, settings.share);
  LiquidityReport liquidity;
  liquidity.equity = settings.equity;
  liquidity.share = settings.share;
  liquidity.drought = settings.drought;
  for (const double days : {1.0, 5.0, 20.0}) {
    liquidity.periods.push_back(days);
    liquidity.sold.push_back(sold_after(weights, usual, days));
    liquidity.sold_in_drought.push_back(sold_after(weights, drought, days));
  }
  for (std::size_t i = 0; i < lines.size(); ++i) {
    lines[i].days = usual[i];
    lines[i].drought_days = drought[i];
  }
  report.liquidity = std::move(liquidity);
}

/// One line a name, in the table's order.
std::vector<PositionLine> position_lines(const NamedReturns& returns, const std::vector<double>& weights,
                                         const RiskModel& risk, const std::vector<double>& name_betas,
                                         double confidence) {
  const auto parts = component_risk(risk, weights);
  const auto shortfalls = component_shortfall(returns.table, weights, confidence);
  std::vector<PositionLine> lines(weights.size());
  for (std::size_t i = 0; i < lines.size(); ++i) {
    lines[i].name = returns.names[i];
    lines[i].weight = weights[i];
    lines[i].risk = parts[i];
    lines[i].shortfall = shortfalls[i];
    lines[i].beta = name_betas[i];
  }
  return lines;
}

std::vector<std::size_t> held_places(const std::vector<double>& weights) {
  std::vector<std::size_t> held;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (std::abs(weights[i]) > kNoWeight) held.push_back(i);
  }
  return held;
}

PositionReport measure_positions(const NamedReturns& returns, const std::vector<double>& weights,
                                 const RiskSettings& settings, const PositionSettings& asked,
                                 std::span<const double> whole) {
  const auto held = held_places(weights);
  if (held.empty())
    throw user_error(ErrorCode::kInvalidArgument, "no weight is other than 0; nothing is held");
  PositionReport report;
  report.benchmark = asked.benchmark.empty() ? "the names' mean" : asked.benchmark;
  const auto risk = estimate_covariance(returns.table, asked.covariance);
  const auto name_betas = betas(returns.table, benchmark_returns(returns, asked.benchmark));
  report.deviation = std::sqrt(risk.variance(weights));
  report.beta = std::inner_product(weights.begin(), weights.end(), name_betas.begin(), 0.0);
  report.concentration = measure_concentration(weights);
  report.correlations = measure_correlation_change(returns.table, held, whole, asked.recent, kTailShare);
  report.correlation_stress = stress_correlations(risk, weights);
  report.gaps = stress_gaps(returns.table, weights);
  report.largest_gap = returns.names[report.gaps.largest];
  for (const auto& shock : asked.shocks) {
    report.shocks.push_back(shock_line(shock, returns, weights, risk, name_betas));
  }
  auto lines = position_lines(returns, weights, risk, name_betas, settings.tail.confidence);
  measure_liquidity(returns, weights, asked, lines, report);
  for (const std::size_t i : held) report.lines.push_back(lines[i]);
  std::stable_sort(report.lines.begin(), report.lines.end(),
                   [](const PositionLine& left, const PositionLine& right) {
                     return std::abs(left.weight) > std::abs(right.weight);
                   });
  return report;
}

}  // namespace

RiskReport measure_book_risk(const NamedReturns& returns, const std::vector<double>& weights,
                             const RiskSettings& settings, const PositionSettings& positions) {
  RiskReport report;
  report.dates = dates_of_periods(returns);
  report.returns = portfolio_returns(returns.table, weights);
  report.positions = measure_positions(returns, weights, settings, positions, report.returns);
  measure_series(settings, report);
  if (returns.incomplete > 0) {
    report.notes.push_back(
        fmt::format("{} periods are left out, because a name has no return there.", returns.incomplete));
  }
  return report;
}

RiskReport measure_run_risk(const StoredRun& run, const RiskSettings& settings) {
  const Table table = read_parquet(run.folder / "equity.parquet", {"date", "net_return"});
  const auto& dates = dates_of(table.column("date"));
  const auto values = numbers_of(table.column("net_return"));
  RiskReport report;
  report.title = run.name;
  report.banner = run.banner;
  report.source = "the run's net returns";
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (!std::isfinite(values[i])) continue;
    report.dates.push_back(dates[i]);
    report.returns.push_back(values[i]);
  }
  if (report.returns.size() < 2) {
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("{}: {} net returns are too few",
                                                              run.folder.string(), report.returns.size()));
  }
  measure_series(settings, report);
  return report;
}

}  // namespace orrery
