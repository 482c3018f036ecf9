#pragma once

#include "orrery/ml/tuning/sampler.h"

namespace orrery {

/// Whether `a` is the better of two finished trials: complete ones by their loss, then pruned ones: those
/// that went further first, then by their last loss. As Optuna 5.0's TPESampler splits them.
bool is_better_trial(const TuningTrial& a, const TuningTrial& b);

}  // namespace orrery
