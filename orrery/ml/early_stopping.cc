#include "orrery/ml/early_stopping.h"

#include <algorithm>
#include <limits>

namespace orrery {

EarlyStopping::EarlyStopping(std::vector<bool> higher_is_better, int patience)
    : higher_is_better_(std::move(higher_is_better)),
      best_values_(higher_is_better_.size()),
      best_rounds_(std::max<std::size_t>(1, higher_is_better_.size()), 0),
      patience_(patience) {
  for (std::size_t i = 0; i < best_values_.size(); ++i) {
    constexpr double kWorst = std::numeric_limits<double>::infinity();
    best_values_[i] = higher_is_better_[i] ? -kWorst : kWorst;
  }
}

bool EarlyStopping::improves(std::size_t metric, double value) const {
  return higher_is_better_[metric] ? value > best_values_[metric] : value < best_values_[metric];
}

bool EarlyStopping::should_stop(const std::vector<double>& values) {
  ++round_;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (round_ == 1 || improves(i, values[i])) {
      best_values_[i] = values[i];
      best_rounds_[i] = round_;
    } else if (round_ - best_rounds_[i] >= patience_) {
      deciding_ = i;
      return true;
    }
  }
  return false;
}

}  // namespace orrery
