#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "orrery/app/return_file.h"
#include "orrery/app/stored_run.h"
#include "orrery/portfolio/covariance.h"
#include "orrery/report/risk_report.h"

namespace orrery {

/// How risks are measured, whatever of.
struct RiskSettings {
  TailSettings tail;
  std::size_t window = 250;           ///< periods that a tested forecast is made from
  std::optional<double> alternative;  ///< chance of an exception that the tests' power is told for
  double periods_per_year = 252.0;
  int bootstrap_draws = 4'000;
};

/// What is known of positions besides their returns.
struct PositionSettings {
  std::string benchmark;  ///< a name of the table; "": its names' mean, equally weighted
  CovarianceSettings covariance;
  std::size_t recent = 60;               ///< periods whose correlations are held against those before
  std::map<std::string, double> traded;  ///< value traded a day, by name; empty: not known
  double equity = 1e6;                   ///< in the currency of those values
  double share = 0.1;                    ///< of the traded value that may be ours
  double drought = 0.25;                 ///< part of it that a drought leaves
  std::vector<std::map<std::string, double>> shocks;  ///< moves by name; "market" is the benchmark
};

/// Measures what a book of weights may lose, from the returns of its names. `weights` are those of the names
/// of `returns`, 0 for names that are only looked at. Errors: kInvalidArgument for dates that are none
/// (YYYY-MM-DD), names of shocks or a benchmark that the table has not, and as the measures themselves.
RiskReport measure_book_risk(const NamedReturns& returns, const std::vector<double>& weights,
                             const RiskSettings& settings, const PositionSettings& positions);

/// Measures what a run's portfolio may lose, from its daily net returns (equity.parquet). Errors: kNotFound
/// for a run without the table; kDataCorrupt; as the measures themselves.
RiskReport measure_run_risk(const StoredRun& run, const RiskSettings& settings);

/// All of it as JSON; what cannot be computed is null.
std::string risk_json(const RiskReport& report);

}  // namespace orrery
