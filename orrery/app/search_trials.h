#pragma once

#include <filesystem>
#include <string>

#include "orrery/app/run_study.h"
#include "orrery/data/trial_ledger.h"

namespace orrery {

/// What stands behind the study's name in the ledger for trials that folds made to choose their settings.
inline constexpr const char* kSearchTrial = " (nested)";

/// What the ledger keeps of a spread: what the highest names had over the lowest, by session, before costs,
/// held against nothing. Failed: fewer than three sessions, or no deviation.
TrialOutcome spread_outcome(DatedReturns spread);

/// A pruned trial has fewer sessions than the others; it counts, but can't be held against them day by day.
TrialOutcome without_returns(TrialOutcome outcome);

/// Writes down what the run's folds tried to choose their settings, each as a trial on the sessions that its
/// fold's inner folds judged: by the spread of the label between the highest and the lowest fifth. Folds that
/// were taken up from an earlier run were written down then. Errors: as TrialLedger.
void record_search_trials(const Study& study, const StudyRun& run, const std::filesystem::path& ledger);

/// "fold 1: lightgbm, num_leaves 31, … (rank_ic 0.0412 inside, the best of 30)"; empty where a fold chose
/// nothing.
std::string choice_text(const FoldReport& fold, std::size_t index);

}  // namespace orrery
