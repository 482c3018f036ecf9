#pragma once

#include <vector>

#include "orrery/ml/model.h"
#include "orrery/ml/session_skill.h"
#include "plugins/models/xgboost/library.h"

namespace orrery::plugins::models::xgboost {

/// How long to boost.
struct RoundsPlan {
  int rounds = 100;
  int patience = 0;  ///< rounds without an improvement of the last validation metric until stopping; 0: never
  /// What stops instead, measured on what the validation rows are predicted; null: the metric.
  const SessionSkill* skill = nullptr;
};

/// What boosting did.
struct RoundsOutcome {
  int rounds = 0;
  int best_round = 0;  ///< counted from 1; the last one where nothing stopped it
  std::vector<MetricHistory> metrics;
};

/// How predictions of rows are asked for: the score, by all rounds, not training.
inline constexpr const char* kPredictionConfig =
    R"({"type": 0, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false, )"
    R"("missing": NaN, "cache_id": 0})";

/// Boosts round by round, with the metrics of the training rows and, where given, of the validation rows.
/// Stops as xgboost.train's early_stopping_rounds does: by the last metric on the validation rows.
RoundsOutcome boost(const Booster& booster, const Table& train, const Table& valid, const RoundsPlan& plan,
                    Progress& progress);

}  // namespace orrery::plugins::models::xgboost
