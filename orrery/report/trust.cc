#include "orrery/report/trust.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "orrery/base/statistics.h"
#include "orrery/ml/overfitting.h"
#include "orrery/report/two_sided.h"

namespace orrery {
namespace {

constexpr double kBasisPoint = 1e-4;
constexpr int kOverfittingBlocks = 16;
constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::array<double, 4> kReportedCosts = {0.0, 5.0, 10.0, 20.0};

std::vector<double> net_of(const CostInputs& inputs, double cost) {
  std::vector<double> net;
  net.reserve(inputs.gross_returns.size());
  for (std::size_t t = 0; t < inputs.gross_returns.size(); ++t)
    net.push_back(inputs.gross_returns[t] - inputs.turnover[t] * cost);
  return net;
}

/// Logarithm of the growth at a cost (a fraction, not basis points); minus infinity where all is lost.
double log_growth(const CostInputs& inputs, double cost) {
  double sum = 0.0;
  for (const double net : net_of(inputs, cost)) {
    if (net <= -1.0) return -kInfinity;
    sum += std::log1p(net);
  }
  return sum;
}

/// Splits the interval until its ends are neighbours; growth falls with the cost.
double bisect_cost(const CostInputs& inputs, double wanted, double low, double high) {
  while (true) {
    const double middle = low + 0.5 * (high - low);
    if (middle <= low || middle >= high) return low;
    (log_growth(inputs, middle) > wanted ? low : high) = middle;
  }
}

SharpeEstimate estimate_of(const Performance& performance) {
  return {performance.sharpe / std::sqrt(performance.periods_per_year),
          static_cast<double>(performance.periods), performance.skewness, performance.kurtosis};
}

void add_sharpe(const Performance& performance, Trust& trust) {
  trust.detectable_sharpe = kTwoSided95 * performance.sharpe_standard_error;
  const SharpeEstimate estimate = estimate_of(performance);
  if (!std::isfinite(estimate.sharpe) || estimate.periods < 2.0) return;
  trust.probabilistic_sharpe = probabilistic_sharpe(estimate, 0.0);
  trust.minimum_track_record = minimum_track_record(estimate, 0.0);
  const double variance = 1.0 / (estimate.periods - 1.0);
  trust.luck_sharpe =
      expected_maximum_sharpe(variance, trust.trials) * std::sqrt(performance.periods_per_year);
  if (trust.trials > 1) trust.deflated_sharpe = deflated_sharpe(estimate, variance, trust.trials);
}

/// The sessions in which every trial has a return.
Panel complete_rows(const Panel& returns) {
  std::vector<std::size_t> complete;
  for (std::size_t row = 0; row < returns.rows(); ++row) {
    const auto cells = returns.row(row);
    if (std::all_of(cells.begin(), cells.end(), [](double r) { return std::isfinite(r); }))
      complete.push_back(row);
  }
  Panel kept(complete.size(), returns.columns());
  for (std::size_t i = 0; i < complete.size(); ++i) {
    const auto cells = returns.row(complete[i]);
    std::copy(cells.begin(), cells.end(), kept.row(i).begin());
  }
  return kept;
}

void add_overfitting(const Panel& trial_returns, Trust& trust) {
  trust.trials_with_returns = trial_returns.columns();
  const Panel returns = complete_rows(trial_returns);
  if (returns.rows() < 2 * kOverfittingBlocks) return;
  const auto found = overfitting_probability(returns, kOverfittingBlocks);
  if (found) trust.overfitting_probability = found->probability;
}

void add_costs(const PerformanceInputs& series, Trust& trust) {
  if (series.gross_returns.empty() || series.turnover.empty()) return;
  const CostInputs inputs{series.gross_returns, series.turnover, series.periods_per_year};
  for (const double cost : kReportedCosts) trust.costs.push_back(apply_cost(inputs, cost));
  trust.break_even_cost_bps = break_even_cost(inputs, 1.0);
  if (series.benchmark_returns.empty()) return;
  double growth = 1.0;
  for (const double value : series.benchmark_returns) growth *= 1.0 + value;
  trust.break_even_against_universe_bps = break_even_cost(inputs, growth);
}

}  // namespace

std::span<const double> reported_costs_bps() { return kReportedCosts; }

CostScenario apply_cost(const CostInputs& inputs, double cost_bps) {
  const auto net = net_of(inputs, cost_bps * kBasisPoint);
  CostScenario result;
  result.cost_bps = cost_bps;
  if (net.size() < 2) return result;
  const double growth = std::exp(log_growth(inputs, cost_bps * kBasisPoint));
  result.annual_return = std::pow(growth, inputs.periods_per_year / static_cast<double>(net.size())) - 1.0;
  const double deviation = standard_deviation(net);
  if (deviation > 0.0) result.sharpe = mean(net) / deviation * std::sqrt(inputs.periods_per_year);
  return result;
}

double break_even_cost(const CostInputs& inputs, double total_growth) {
  const bool traded = std::any_of(inputs.turnover.begin(), inputs.turnover.end(),
                                  [](double turnover) { return turnover > 0.0; });
  const double wanted = std::log(total_growth);
  if (!traded || !std::isfinite(wanted) || !std::isfinite(log_growth(inputs, 0.0))) return Trust::kMissing;
  double low = 0.0;
  double high = 0.0;
  for (double step = kBasisPoint; log_growth(inputs, low) <= wanted; step *= 2.0) low -= step;
  for (double step = kBasisPoint; log_growth(inputs, high) > wanted; step *= 2.0) high += step;
  return bisect_cost(inputs, wanted, low, high) / kBasisPoint;
}

Trust measure_trust(const SignalEvaluation& signal, const Performance& performance,
                    const PerformanceInputs& series, int trials, const Panel* trial_returns) {
  Trust trust;
  trust.trials = trials;
  trust.detectable_ic = kTwoSided95 * signal.ic.newey_west_standard_error;
  trust.detectable_rank_ic = kTwoSided95 * signal.rank_ic.newey_west_standard_error;
  add_sharpe(performance, trust);
  add_costs(series, trust);
  if (trial_returns != nullptr) add_overfitting(*trial_returns, trust);
  return trust;
}

}  // namespace orrery
