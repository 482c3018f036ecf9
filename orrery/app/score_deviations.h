#pragma once

#include <optional>

#include "orrery/app/run_study.h"

namespace orrery {

/// Asks the walk forward's models how unsure they are of the scores that they gave; nothing where they don't
/// say. Look-ahead: none, as the scores. Errors: kInternal when the walk kept no models.
std::optional<ScoreDeviations> score_deviations(const StudyInputs& inputs, const WalkForwardResult& walk,
                                                int threads);

}  // namespace orrery
