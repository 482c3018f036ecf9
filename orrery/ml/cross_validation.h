#pragma once

#include <cstddef>
#include <vector>

#include "orrery/base/progress.h"
#include "orrery/ml/fit_fold.h"
#include "orrery/ml/purged_splits.h"

namespace orrery {

/// What to cross-validate and how, besides the data.
struct CrossValidationSpec : FitSpec {
  RowRange sample;  ///< the sessions that are cut into blocks
  PurgedSplitSpec splits;
  double valid_share = 0.0;  ///< of each split's rows, its last ones, that decide when to stop
};

/// One split that was fitted and predicted.
struct SplitReport {
  LearningRows learned;
  std::size_t train_samples = 0;
  std::size_t valid_samples = 0;
  std::size_t test_samples = 0;
  int rounds = 0;        ///< used for prediction; 0: the model has none
  double seconds = 0.0;  ///< wall time
  LibrarySeconds library_seconds;
};

struct CrossValidationResult {
  PurgedSplits splits;
  std::vector<SplitReport> reports;  ///< by split
  /// By path: every session of the sample scored once, by models that learned from what is before and after
  /// its block. NaN elsewhere.
  std::vector<Panel> paths;
};

/// Fits one model a split and predicts the split's test blocks. Splits run beside each other on
/// `spec.threads` cores, each with its share of them, one thread where there are more splits than cores; the
/// result does not depend on their number.
///
/// Robustness, not tradable history: models learn from what comes after the days that they predict. Purge and
/// embargo keep the labels apart (see purged_splits), with `label_ends` cell by cell (see keep_apart).
/// `label`: the raw one. Errors: kInvalidArgument as purged_splits, hold_out_last and fit_fold.
CrossValidationResult cross_validate(const FactorFrame& features, const Panel& label,
                                     const MaskPanel& eligible, const CrossValidationSpec& spec,
                                     const ModelEntry& model, Progress& progress = silent_progress(),
                                     const RowPanel* label_ends = nullptr);

}  // namespace orrery
