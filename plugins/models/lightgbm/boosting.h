#pragma once

#include <string>
#include <vector>

#include "orrery/ml/model.h"
#include "plugins/models/lightgbm/library.h"

namespace orrery::plugins::models::lightgbm {

/// How long to boost.
struct BoostingPlan {
  int rounds = 100;
  int patience = 0;  ///< rounds without an improvement of a validation metric until stopping; 0: never
};

/// What boosting did.
struct BoostingOutcome {
  int rounds = 0;
  int best_round = 0;  ///< counted from 1; the last one where nothing stopped it
  std::vector<MetricHistory> metrics;
};

/// Stops as lightgbm.train's early_stopping callback does: an improvement is any strict one; the first metric
/// that has seen none for `patience` rounds stops, at its own best round; when the rounds run out, the first
/// metric's best round is taken.
class EarlyStopping {
 public:
  EarlyStopping(std::vector<bool> higher_is_better, int patience);

  /// Takes the validation metrics of the next round; true when boosting should stop.
  bool should_stop(const std::vector<double>& values);
  /// Returns the round to predict with, counted from 1.
  int best_round() const { return best_rounds_[deciding_]; }

 private:
  bool improves(std::size_t metric, double value) const;

  std::vector<bool> higher_is_better_;
  std::vector<double> best_values_;
  std::vector<int> best_rounds_;
  int patience_;
  int round_ = 0;
  std::size_t deciding_ = 0;
};

/// Boosts round by round, with the metrics of the training rows (data 0) and, if `has_valid`, of the
/// validation rows (data 1).
BoostingOutcome boost(const Booster& booster, const BoostingPlan& plan, bool has_valid, Progress& progress);

}  // namespace orrery::plugins::models::lightgbm
