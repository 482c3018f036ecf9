#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "orrery/app/plugins.h"
#include "orrery/app/stored_run.h"
#include "orrery/base/progress.h"
#include "orrery/report/model_health.h"

namespace orrery {

struct MonitorOptions {
  std::filesystem::path data;                 ///< prices to look at instead of the study's; "": the study's
  std::optional<DriftThresholds> thresholds;  ///< instead of the study's
  std::optional<int> sessions;                ///< over the thresholds' own
  int threads = 0;
};

/// Looks at how the model of a run's last fold fares on the last sessions of its prices: whether its features
/// are where they were while it learned, whether its scores still rank returns, whether the intervals hold.
///
/// Reference: the features' values on the fold's training span; the rank IC of the run's walk forward before
/// the recent sessions. Recent: the last sessions, as many as asked for and as there are after those that the
/// model learned from. Their scores are made again by the stored model, so that sessions count that came
/// after the run. `run`: a run's folder or a registered version's. Errors: kInvalidArgument for a run without
/// a model, for prices that don't reach its training span, or too few sessions after; what reading and
/// computing throw.
ModelHealth monitor_model(const StoredRun& run, const Plugins& plugins, const MonitorOptions& options,
                          Progress& progress = silent_progress());

}  // namespace orrery
