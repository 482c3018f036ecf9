#pragma once

#include <string>
#include <vector>

#include "orrery/ml/model.h"
#include "orrery/ml/session_skill.h"
#include "plugins/models/lightgbm/library.h"

namespace orrery::plugins::models::lightgbm {

/// How long to boost.
struct BoostingPlan {
  int rounds = 100;
  int patience = 0;  ///< rounds without an improvement of a validation metric until stopping; 0: never
  /// What stops instead of the metrics, measured on what the validation rows are predicted; null: the
  /// metrics.
  const SessionSkill* skill = nullptr;
};

/// What boosting did.
struct BoostingOutcome {
  int rounds = 0;
  int best_round = 0;  ///< counted from 1; the last one where nothing stopped it
  std::vector<MetricHistory> metrics;
};

/// Boosts round by round, with the metrics of the training rows (data 0) and, if there are any, of the
/// validation rows (data 1).
BoostingOutcome boost(const Booster& booster, const BoostingPlan& plan, std::size_t valid_rows,
                      Progress& progress);

}  // namespace orrery::plugins::models::lightgbm
