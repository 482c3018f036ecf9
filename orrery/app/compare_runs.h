#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "orrery/app/ledger_verdict.h"
#include "orrery/app/stored_run.h"
#include "orrery/report/comparison_report.h"

namespace orrery {

struct CompareOptions {
  std::filesystem::path ledger;  ///< of trials
  int draws = 10000;             ///< of the bootstrap
  std::uint64_t seed = 7;
};

/// Two runs side by side.
struct RunComparison {
  ComparisonReport report;
  LedgerVerdict verdict_a, verdict_b;
};

/// Compares two run folders: what differs in their studies, whether daily rank IC, IC and net return differ
/// (stationary block bootstrap of the daily differences on the sessions of both), metrics, correlations, and
/// the ledger's verdict on each. Nothing is computed from prices.
/// Errors: kNotFound when a folder is no run or lacks a table; kDataCorrupt.
RunComparison compare_runs(const StoredRun& a, const StoredRun& b, const CompareOptions& options);

/// Returns the keys of two studies (YAML) whose values differ, dotted, in order of a, then those of b alone.
std::vector<StudyDifference> study_differences(const std::string& a_yaml, const std::string& b_yaml);

/// What the ledger says about a stored run. Errors: as TrialLedger.
LedgerVerdict judge_stored_run(const StoredRun& run, const std::filesystem::path& ledger);

/// The comparison as one JSON object.
std::string comparison_json(const RunComparison& comparison);

}  // namespace orrery
