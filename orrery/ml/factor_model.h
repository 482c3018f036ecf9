#pragma once

#include "orrery/ml/model.h"

namespace orrery {

inline constexpr const char* kFactorModel = "factor";

/// The model of a rule: its score is the value of one feature, as the preprocessing leaves it. It learns
/// nothing. Setting `factor`: the feature's name; "": the only one. Missing values stay missing: no score.
ModelEntry factor_entry();

}  // namespace orrery
