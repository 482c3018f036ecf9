#pragma once

#include <cstddef>
#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "orrery/ml/feature_selection.h"
#include "orrery/ml/folds.h"
#include "orrery/ml/model.h"
#include "orrery/ml/preprocess.h"

namespace orrery {

/// What a fold learned: enough to predict without learning again.
struct FittedFold {
  std::unique_ptr<Model> model;
  FittedFeatures steps;
  std::optional<FeatureSelection> selection;  ///< absent: the model sees all features
  FitReport fit;                              ///< of a kept fold without metrics and library_seconds
  std::size_t train_samples = 0;
  std::size_t valid_samples = 0;
};

/// A fold that was fitted before, with the scores it gave then.
struct KeptFold {
  FittedFold fitted;
  std::size_t scored_end = 0;  ///< the first test row that has no scores yet
  std::vector<double> scores;  ///< of the test samples before that row, by session, then symbol
};

/// Where walk_forward puts away finished folds, and looks for them before it fits. Called from one thread,
/// fold by fold.
class FoldStore {
 public:
  virtual ~FoldStore() = default;
  /// Returns the fold if it was fitted before on the same inputs; `used` is the fold after purging.
  virtual std::optional<KeptFold> find(std::size_t index, const Fold& used) = 0;
  /// Puts a finished fold away; `scores` are those of all its test samples.
  virtual void keep(std::size_t index, const Fold& used, const FittedFold& fold,
                    const std::vector<double>& scores) = 0;
  /// Names an existing folder where the fold's model may keep what it needs to go on in mid-training; empty:
  /// nowhere. `keep` ends its use.
  virtual std::filesystem::path checkpoints(std::size_t /*index*/) { return {}; }
};

}  // namespace orrery
