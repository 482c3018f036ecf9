#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "orrery/app/ledger_verdict.h"
#include "orrery/base/progress.h"
#include "orrery/data/prices.h"
#include "orrery/factor/compute.h"
#include "orrery/factor/factor_evaluation.h"
#include "orrery/factor/factor_set.h"
#include "orrery/report/factor_report.h"

namespace orrery {

/// Factors to judge, and on what.
struct FactorJob {
  std::string title;  ///< what is said above the results, such as "alpha158"
  std::vector<FactorDefinition> definitions;
  std::vector<FactorNote> notes = {};  ///< what is said of each, in the same order; may be empty
  PriceSource prices;
  Precision precision = Precision::kFloat32;
  FactorEvaluationSpec spec;
  std::optional<Date> first;  ///< day of the first factor values that are judged; all before are warm-up
  std::optional<Date> last;   ///< and of the last
  std::string banner;         ///< marks simulated data
  int threads = 0;            ///< 0: all cores; the result does not depend on it
  std::function<bool()> cancelled = {};  ///< asked at every step; may be empty
};

/// What came of them.
struct JudgedFactors {
  FactorReport report;
  PriceSummary prices;
  std::string data_fingerprint;
  double compute_seconds = 0.0;   ///< for the factors
  double evaluate_seconds = 0.0;  ///< for all else behind the reading of prices
  /// Of the factor with the largest |t|, its long-short return in the direction of its mean, among all trials
  /// on the data and days. Nothing where no factor has returns.
  std::optional<LedgerVerdict> verdict;
};

/// Reads prices, computes the factors block by block and judges them on every bar there is. Size is the log
/// of the field `market_cap` where the prices have one, else of the mean traded value of 20 sessions. Every
/// factor is a trial in the ledger, begun before the data is read (docs/trials.md). Errors: those of
/// load_prices, check_factors, checked_spec and TrialLedger; kInvalidArgument for repeated names, or when no
/// session lies between `first` and `last`; kCancelled.
JudgedFactors judge_factors(const FactorJob& job, const std::filesystem::path& ledger,
                            Progress& progress = silent_progress());

}  // namespace orrery
