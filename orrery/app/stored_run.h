#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "orrery/app/study.h"
#include "orrery/base/date.h"
#include "orrery/data/table.h"
#include "orrery/data/trial_ledger.h"

namespace orrery {

/// What a run folder says about itself, without its tables.
struct StoredRun {
  std::filesystem::path folder;
  std::string name;
  std::string banner;      ///< "" for real data
  std::string study_yaml;  ///< the study as it was run
  TrialKey key;            ///< data and tested sessions
  std::string finished;    ///< UTC, as the machine's clock told; "" in runs of before this was kept
  /// Where the study's files lay, by dotted key, as overrides; empty in runs of before this was kept.
  StudyOverrides paths;
  std::map<std::string, double> metrics;     ///< those that are numbers
  std::vector<std::pair<Date, Date>> tests;  ///< test span of each fold, inclusive; empty for own scores

  /// NaN for a metric that the run has not.
  double metric(const std::string& key) const;
};

/// Returns true when a folder holds a run.
bool is_run_folder(const std::filesystem::path& folder);

/// Returns the folder of a run: the path itself, or a name under `root`.
/// Errors: kNotFound, with the runs there are.
std::filesystem::path find_run(const std::string& path_or_name, const std::filesystem::path& root = "out");

/// Reads manifest.json and metrics.json. Errors: kNotFound when the folder is no run; kDataCorrupt.
StoredRun read_stored_run(const std::filesystem::path& folder);

/// Reads the study again as it was run, its files where they lay then. Errors: as parse_study.
Study reread_study(const StoredRun& run, const Plugins& plugins);

/// Where the study's files lie, by dotted key, as absolute paths.
StudyOverrides study_paths(const Study& study);

/// The values of a column as numbers, whole ones converted. Errors: kDataCorrupt for another type.
std::vector<double> numbers_of(const Column& column);

/// The values of a date column. Errors: kDataCorrupt for another type.
const std::vector<Date>& dates_of(const Column& column);

}  // namespace orrery
