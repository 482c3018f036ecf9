#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "orrery/backtest/performance.h"
#include "orrery/data/survivorship.h"
#include "orrery/factor/evaluation.h"
#include "orrery/market/panel.h"
#include "orrery/ml/outcome_paths.h"
#include "orrery/report/baselines.h"
#include "orrery/report/by_time.h"
#include "orrery/report/importance_stability.h"
#include "orrery/report/interval_coverage.h"
#include "orrery/report/robustness.h"
#include "orrery/report/seed_spread.h"

namespace orrery {

/// The run's result had every trade cost so much. The holdings stay those of the run.
struct CostScenario {
  double cost_bps = 0.0;  ///< commission and slippage together, of the traded value, each side
  double annual_return = std::numeric_limits<double>::quiet_NaN();  ///< net, geometric
  double sharpe = std::numeric_limits<double>::quiet_NaN();         ///< net, annualised
};

/// How far the result of a run can be believed. See docs/trust.md. NaN: not computable.
struct Trust {
  int trials = 1;                          ///< variants tried, this one included, as the study's author says
  double detectable_ic = kMissing;         ///< 1.96 standard errors of the mean IC
  double detectable_rank_ic = kMissing;    ///< the same of the mean rank IC
  double detectable_sharpe = kMissing;     ///< the same of the Sharpe ratio, annualised
  double probabilistic_sharpe = kMissing;  ///< probability that the true Sharpe ratio is above 0
  double deflated_sharpe = kMissing;  ///< above what the best of the trials shows by luck; NaN for one trial
  double luck_sharpe = kMissing;      ///< what the best of the trials shows by luck, annualised; 0 for one
  double minimum_track_record = kMissing;  ///< sessions; infinite when the Sharpe ratio is not above 0
  double break_even_cost_bps = kMissing;   ///< cost a side at which the net annual return is 0
  double break_even_against_universe_bps = kMissing;  ///< at which it is that of the benchmark
  std::vector<CostScenario> costs;
  /// Probability of backtest overfitting; NaN unless the returns of ten or more trials are known.
  double overfitting_probability = kMissing;
  std::size_t trials_with_returns = 0;            ///< trials whose returns are known to this run
  std::optional<Baselines> baselines;             ///< filled by the caller; nothing: not asked for
  std::optional<SeedSpread> seeds;                ///< likewise
  std::optional<Robustness> robustness;           ///< likewise
  std::optional<Survivorship> survivorship;       ///< filled by the caller
  std::optional<ByTime> by_time;                  ///< filled by the caller
  std::optional<IntervalCoverage> intervals;      ///< filled by the caller
  std::optional<DeviationJudgement> deviations;   ///< filled by the caller; nothing: the model doesn't say
  std::optional<OutcomePaths> outcomes;           ///< likewise, of net returns
  std::optional<ImportanceStability> importance;  ///< filled by the caller; nothing: no importances

  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
};

/// The total costs a side, in basis points, at which a report shows the Sharpe ratio.
std::span<const double> reported_costs_bps();

/// One element a session: what the holdings of a run earned before costs and how much was traded for it.
struct CostInputs {
  std::span<const double> gross_returns;
  std::span<const double> turnover;  ///< two-way: (bought + sold value) / equity before the trades
  double periods_per_year = 252.0;
};

/// Returns the result had every side of a trade cost `cost_bps`: net = gross - turnover × cost, session by
/// session. The holdings, and so the turnover, are those of the run. Source: this project.
CostScenario apply_cost(const CostInputs& inputs, double cost_bps);

/// Returns the cost a side, in basis points, at which the product of (1 + gross - turnover × cost) over the
/// sessions is `total_growth` (1: nothing earned). Negative when the growth was less even without costs; NaN
/// without any trade. Source: this project; the root is found by bisection to the last digit.
double break_even_cost(const CostInputs& inputs, double total_growth);

/// Judges a run by its signal, its performance and the series that this was measured from (`gross_returns`,
/// `turnover`, and `benchmark_returns` where there is one). `trials`: variants tried, at least 1; they are
/// taken as independent, and, a run not knowing their results, their Sharpe ratios as varying by estimation
/// alone: variance 1 / (sessions - 1) a session.
/// `trial_returns` is [session × trial], one column a trial whose net returns are known (a search knows those
/// of its candidates, a single run none): ten or more give a probability of backtest overfitting. Null: none.
/// Sessions in which any trial has no return are left out; fewer than two a block are too few.
/// Sources: Bailey and López de Prado (2012, 2014); Bailey, Borwein, López de Prado and Zhu (2017).
Trust measure_trust(const SignalEvaluation& signal, const Performance& performance,
                    const PerformanceInputs& series, int trials, const Panel* trial_returns = nullptr);

}  // namespace orrery
