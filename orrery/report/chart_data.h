#pragma once

#include <span>
#include <string>
#include <vector>

#include "orrery/report/study_report.h"

namespace orrery {

/// The share of each feature in a fold's total importance, largest mean over the folds first.
struct ImportanceTable {
  std::vector<std::string> features;
  std::vector<double> mean;                ///< by feature; sums to at most 1
  std::vector<std::vector<double>> folds;  ///< [fold][feature]
};

/// Returns the `count` features with the largest mean share; equal ones in order of their names. A feature
/// that a fold does not list counts as 0 there.
ImportanceTable rank_importance(std::span<const FoldSection> folds, std::size_t count);

/// Returns the mean of the last `window` values, those that are present; NaN until `window` of them are
/// there.
std::vector<double> rolling_mean(std::span<const double> values, std::size_t window);

/// Writes what the charts are drawn from as one JSON object, one member a chart besides `banner`, with seven
/// significant digits. '<' is escaped, so that it can stand in a script element. Charts without data are
/// absent.
std::string chart_data_json(const StudyReport& report);

}  // namespace orrery
