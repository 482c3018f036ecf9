#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "orrery/app/ledger_verdict.h"
#include "orrery/app/study.h"
#include "orrery/base/progress.h"
#include "orrery/data/tuning_store.h"
#include "orrery/ml/fit_fold.h"
#include "orrery/ml/inner_folds.h"

namespace orrery {

struct TuneOptions {
  int threads = 0;                            ///< 0: all cores; nothing but the time depends on it
  std::filesystem::path folder;               ///< where tuning.sqlite stands or comes to stand
  std::filesystem::path ledger;               ///< of trials
  std::function<bool()> cancelled = nullptr;  ///< asked at every step; ends the running trial as failed
  /// Told after every trial of this process: its number, and all trials of the search.
  std::function<void(std::int64_t, const std::vector<TuningRecord>&)> trial_done = nullptr;
};

struct TuneResult {
  SearchSpace space;
  std::string objective;
  std::vector<TuningRecord> trials;   ///< of all processes
  std::optional<std::size_t> best;    ///< complete trial with the least loss
  std::vector<LearningRows> folds;    ///< what every trial learns from
  std::vector<RowRange> validated;    ///< and is judged on
  std::vector<FoldDates> fold_dates;  ///< the same as days; `test` is what is judged
  LedgerVerdict verdict;              ///< among the trials of the search; of its own ledger key
  std::size_t begun_here = 0;         ///< trials of this process
  bool stopped = false;               ///< on request, in the middle of a trial
};

/// The sessions that a tuning may see: from the first that the study learns from to the last one whose label
/// ends before the first one that it tests.
RowRange tuning_span(const std::vector<Fold>& folds, int label_span_rows);

/// Searches the study's `tune` space for the settings of its model with the best inner validation, trial by
/// trial, until the trials or minutes are used up, nothing is left to try, or it is cancelled; goes on with
/// what is in the folder. Every trial is counted in the ledger. Look-ahead: none beyond tuning_span.
/// Errors: kInvalidArgument for a study without `tune`, or a folder of another search; what the parts throw.
TuneResult tune_study(const Study& study, const Plugins& plugins, const TuneOptions& options,
                      Progress& progress = silent_progress());

/// Returns the place of the complete trial with the least loss; nothing where there is none.
std::optional<std::size_t> best_trial(const std::vector<TuningRecord>& trials);

/// `running`, `complete`, `pruned` or `failed`.
const char* state_name(TuningRecord::State state);

/// The loss as people read it: of ic and rank_ic the mean correlation.
double objective_of(const std::string& objective, double loss);

/// `name=value` of every parameter, as settings.
ParameterMap settings_of(const SearchSpace& space, const TuningPoint& point);

/// The study's model with the best settings, as YAML. Errors: kNotFound when no trial is complete.
std::string best_model_yaml(const Study& study, const TuneResult& result);

}  // namespace orrery
