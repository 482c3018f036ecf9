#pragma once

#include <cstddef>
#include <vector>

namespace orrery {

/// Stops as lightgbm.train's early_stopping callback does: an improvement is any strict one; the first metric
/// that has seen none for `patience` rounds stops, at its own best round; when the rounds run out, the first
/// metric's best round is taken. With one metric also as xgboost.train does.
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

}  // namespace orrery
