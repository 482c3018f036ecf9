#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "orrery/app/run_study.h"
#include "orrery/report/metrics.h"

namespace orrery {

/// What a person wants to know after a run.
struct RunSummary {
  std::filesystem::path folder;
  std::filesystem::path report;
  std::string banner;  ///< "" for real data
  std::vector<Metric> metrics;
  std::vector<std::string> choices;  ///< which model and settings each fold chose; empty where none did
};

/// Writes the run's folder: manifest.json, metrics.json, predictions, weights, trades, equity, positions,
/// unfilled, daily_ic and quarantine as Parquet, models/, report.html. It appears whole or not at all; an
/// earlier run there is replaced, anything else is not. Two runs of the same study and data give the same
/// bytes apart from the manifest's `runtime` block. `banner` marks simulated data. Errors: kAlreadyExists
/// when the folder holds something that is no run; kIo.
RunSummary write_run_folder(const Study& study, StudyRun& run, const std::filesystem::path& folder,
                            const std::string& banner, const RunOptions& options);

/// Errors: kAlreadyExists when `folder` exists and is no run. Called before the work, so that nothing is
/// lost.
void check_run_folder(const std::filesystem::path& folder);

}  // namespace orrery
