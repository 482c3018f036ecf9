#pragma once

#include <span>
#include <string>
#include <vector>

#include "orrery/ml/model.h"
#include "plugins/models/lightgbm/boosting.h"
#include "plugins/models/lightgbm/library.h"

namespace orrery::plugins::models::lightgbm {

/// Trees that LightGBM has trained.
struct TrainedTrees {
  std::string text;  ///< the best round's model in LightGBM's form
  BoostingOutcome outcome;
  std::vector<FeatureImportance> importance;  ///< in feature order
};

/// Trains on completed settings (see describe_model), with as many threads as given. Adds the library's time
/// to `seconds`. Errors: as Model::fit.
TrainedTrees train_trees(const Dataset& train, const Dataset* valid, const ParameterMap& parameters,
                         const FitContext& context, int threads, LibrarySeconds& seconds);

/// Asks a booster for as many values a sample as `out` has room for. `type`: LightGBM's C_API_PREDICT_….
LibrarySeconds ask_trees(const Booster& booster, const Dataset& data, int type, std::span<double> out,
                         int threads);

}  // namespace orrery::plugins::models::lightgbm
