#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "orrery/base/progress.h"
#include "orrery/ml/fit_fold.h"
#include "orrery/ml/folds.h"
#include "orrery/ml/model.h"

namespace orrery {

/// What to train and how, besides the data.
struct WalkForwardSpec : FitSpec {
  std::vector<Fold> folds;  ///< before purging
  bool keep_models = true;
  FoldStore* store = nullptr;  ///< where finished folds are looked for and put away
};

struct FoldReport {
  Fold given;  ///< before purging
  Fold used;   ///< after purging
  std::size_t train_samples = 0;
  std::size_t valid_samples = 0;
  std::size_t test_samples = 0;
  FitReport fit;
  std::optional<FeatureSelection> selection;
  bool taken_up = false;           ///< found in the store instead of fitted
  double seconds = 0.0;            ///< wall time of the whole fold
  LibrarySeconds library_seconds;  ///< of which inside the model's library, prediction included
};

struct WalkForwardResult {
  /// Out-of-sample scores; NaN where no fold tests or the cell is not eligible.
  Panel scores;
  std::vector<FoldReport> folds;
  /// One fitted model and its feature steps a fold, when asked to keep them.
  std::vector<std::unique_ptr<Model>> models;
  std::vector<FittedFeatures> preprocessors;
};

/// Fits one model a fold and predicts the fold's test rows.
///
/// Learns from eligible cells with a finite label; predicts every eligible cell of the test rows, label or
/// not. Features are selected, and feature steps fitted, on the eligible cells of the purged training rows
/// alone; the model sees the selected features only. `label` is the raw one, which features are selected by;
/// the spec's label step is applied here. A fold that the store knows is taken up from there, and only test
/// rows without scores are predicted. With `label_ends`, the rows on which labels become known, whole
/// rows are purged only if the spec says so: a cell is left out where its own label reaches the next segment
/// (see keep_apart). `features`, `label`, `eligible`, `label_ends`: same rows and columns. Look-ahead: scores
/// of a fold depend on rows before its test range, and on the features of the scored row itself. Errors:
/// kInvalidArgument for folds that validate_folds or purge_fold refuse, or a fold without samples.
WalkForwardResult walk_forward(const FactorFrame& features, const Panel& label, const MaskPanel& eligible,
                               const WalkForwardSpec& spec, const ModelEntry& model,
                               Progress& progress = silent_progress(), const RowPanel* label_ends = nullptr);

}  // namespace orrery
