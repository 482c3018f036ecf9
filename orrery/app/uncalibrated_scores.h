#pragma once

#include "orrery/app/run_study.h"

namespace orrery {

/// What the calibrated models of a walk forward said before their calibration, by cell as its scores. Errors:
/// kInternal where the models were not kept or are not calibrated.
Panel uncalibrated_scores(const StudyInputs& inputs, const WalkForwardResult& walk, int threads);

}  // namespace orrery
