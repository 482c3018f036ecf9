#pragma once

#include <optional>

#include "orrery/app/run_study.h"

namespace orrery {

/// Whether the study's models may give deviations with their scores, as far as that is known before one is
/// fitted: of `model: auto` one of the families has to, and what a nested `tune` chooses may.
bool may_give_deviations(const Study& study, const Plugins& plugins);

/// Errors: kInvalidArgument, naming fold and model, where the study's strategy needs deviations and one of
/// the walk's models gives none.
void require_deviations(const Study& study, const Plugins& plugins, const WalkForwardResult& walk);

/// Asks the walk forward's models how unsure they are of the scores that they gave; nothing where they don't
/// say. Look-ahead: none, as the scores. Errors: kInternal when the walk kept no models.
std::optional<ScoreDeviations> score_deviations(const StudyInputs& inputs, const WalkForwardResult& walk,
                                                int threads);

}  // namespace orrery
