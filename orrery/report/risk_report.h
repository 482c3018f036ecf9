#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orrery/backtest/performance.h"
#include "orrery/base/date.h"
#include "orrery/ml/outcome_paths.h"
#include "orrery/risk/correlation_change.h"
#include "orrery/risk/position_risk.h"
#include "orrery/risk/stress.h"
#include "orrery/risk/tail_backtest.h"
#include "orrery/risk/value_at_risk.h"

namespace orrery {

/// A position and what it adds. Parts of the equity, of one period.
struct PositionLine {
  std::string name;
  double weight = 0.0;
  ComponentRisk risk;
  double shortfall = 0.0;  ///< its part of the historical CVaR of one period
  double beta = 0.0;
  std::optional<double> days;          ///< to exit; nothing: volumes were not given
  std::optional<double> drought_days;  ///< the same in a drought
};

/// A shock and what it costs.
struct ShockLine {
  std::string name;   ///< as it was asked: "AAPL -20%"
  double loss = 0.0;  ///< positive = loss
};

/// How fast the book could be sold.
struct LiquidityReport {
  double equity = 0.0;
  double share = 0.0;                         ///< of the traded value that may be ours
  double drought = 0.0;                       ///< part of the usual volume that a drought leaves
  std::vector<double> periods;                ///< 1, 5, …
  std::vector<double> sold, sold_in_drought;  ///< share of the gross exposure after each
};

/// What is known where positions are.
struct PositionReport {
  std::string benchmark;            ///< what betas are held against
  std::vector<PositionLine> lines;  ///< by falling size of the weight
  double deviation = 0.0;           ///< of one period
  double beta = 0.0;
  Concentration concentration;
  CorrelationChange correlations;
  CorrelationStress correlation_stress;
  GapStress gaps;
  std::string largest_gap;  ///< name of the position
  std::vector<ShockLine> shocks;
  std::optional<LiquidityReport> liquidity;
};

/// Everything that the page of risks shows.
struct RiskReport {
  std::string title;
  std::string banner;  ///< "" for real data
  std::string source;  ///< what the returns are from
  Date first, last;
  std::size_t periods = 0;
  double periods_per_year = 252.0;
  std::size_t window = 0;               ///< periods that tested forecasts are made from
  std::vector<TailRisk> tails;          ///< a line for each method
  std::vector<TailBacktest> backtests;  ///< empty where the series is too short
  std::vector<Date> dates;              ///< of the returns
  std::vector<double> returns;
  Performance performance;
  OutcomePaths outcomes;
  std::vector<WindowLoss> windows;
  std::optional<PositionReport> positions;
  std::vector<std::string> notes;  ///< whole sentences
};

/// Says in one sentence what a backtest found: expected and found exceptions, the verdict, how many are not
/// rejected, the test's power. Plain text.
std::string backtest_sentence(const TailBacktest& backtest);

/// Renders one self-contained HTML file in the style of a run's report. Deterministic.
std::string render_risk_report(const RiskReport& report);

}  // namespace orrery
