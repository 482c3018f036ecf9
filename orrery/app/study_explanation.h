#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/app/run_study.h"
#include "orrery/app/study.h"
#include "orrery/report/explanation.h"

namespace orrery {

/// Reads `explain` of the study: true, false, or a mapping of settings.
ExplanationChoice read_explanation(ConfigReader& root);

/// What a run's models are asked about.
struct ExplanationInputs {
  const Study& study;
  const StudyInputs& inputs;
  const WalkForwardResult& walk;
  const Panel& forward_return;  ///< what rank ICs are measured against
};

/// Asks every fold's model what it looks at, on cells and sessions of its test span drawn by the study's
/// seed; nothing where the study does not want it, or, wanted by default alone, where the model offers no
/// contributions. The same features are shuffled and varied in every fold: those with the largest mean
/// contributions, or where there are none, the largest importances. Does not depend on the threads.
StudyExplanation explain_models(const ExplanationInputs& inputs, const RunOptions& options,
                                Progress& progress = silent_progress());

}  // namespace orrery
