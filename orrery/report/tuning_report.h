#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

namespace orrery {

/// A setting that was searched for.
struct TunedSetting {
  std::string name;
  std::string range;        ///< such as "0.005 to 0.3, logarithmic"
  double importance = 0.0;  ///< share of the variance of the trials' ranks; see setting_importance
};

/// A trial of a search for settings.
struct TuningReportTrial {
  std::int64_t number = 0;
  std::string state;  ///< "complete", "pruned", "failed", "running"
  /// The objective as people read it; of a pruned trial as far as it came; NaN where there is none.
  double value = std::numeric_limits<double>::quiet_NaN();
  std::vector<double> place;         ///< by setting: 0 at the lower end of its range, 1 at the upper one
  std::vector<std::string> setting;  ///< by setting: its value
};

/// Everything on the page of a search.
struct TuningReport {
  std::string name;
  std::string banner;     ///< "" for real data
  std::string objective;  ///< such as "rank_ic"
  bool higher_is_better = true;
  std::string span;                ///< sessions that the trials saw
  std::vector<std::string> folds;  ///< one line an inner fold
  std::vector<TunedSetting> settings;
  std::vector<TuningReportTrial> trials;
  std::vector<std::string> verdict;  ///< whole sentences: how much of the best one is luck
  std::string best_yaml;             ///< "" without a complete trial
};

/// Returns how much a setting matters by itself: the trials are cut into four groups of equal size by its
/// place (as many as there are choices, where these are fewer), and the share of the variance of the values'
/// ranks that lies between the groups is taken (η², one-way analysis of variance). Chance alone gives about
/// (groups - 1) / (trials - 1). 0 for fewer than 8 trials.
double setting_importance(const std::vector<double>& places, const std::vector<double>& values);

/// Renders one self-contained HTML file in the style of a run's report. Deterministic.
std::string render_tuning_report(const TuningReport& report);

}  // namespace orrery
