#include "orrery/ml/tuning/trial_order.h"

namespace orrery {

bool is_better_trial(const TuningTrial& a, const TuningTrial& b) {
  using State = TuningTrial::State;
  if (a.state != b.state) return a.state == State::kComplete;
  if (a.state == State::kComplete) return a.loss < b.loss;
  if (a.steps.size() != b.steps.size()) return a.steps.size() > b.steps.size();
  return !a.steps.empty() && a.steps.back() < b.steps.back();
}

}  // namespace orrery
