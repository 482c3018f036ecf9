#pragma once

#include <vector>

#include "orrery/app/run_study.h"
#include "orrery/app/study.h"
#include "orrery/ml/cross_validation.h"
#include "orrery/report/robustness.h"

namespace orrery {

/// Reads `robustness` of the study; nothing where there is none.
std::optional<RobustnessChoice> read_robustness(ConfigReader& root);

/// Reads `validation.scheme`, which is a walk forward; says of the others where they belong.
void read_validation_scheme(ConfigReader& validation);

/// What a study is cross-validated on.
struct RobustnessInputs {
  const Study& study;
  const Plugins& plugins;
  const PriceLoad& prices;
  const StudyInputs& inputs;
  const Panel& forward_return;
};

/// The spec of the study's cross-validation: the sessions of all its folds, cut by its `robustness` key, the
/// label's purge, and of each split as large a share to validate as in the first fold.
CrossValidationSpec robustness_spec(const Study& study, const std::vector<Fold>& folds, int threads);

/// The run's own result as a path beside the others.
RobustnessPath walk_forward_path(const Study& study, const ScoreEvaluation& evaluation);

/// Cross-validates the study and judges every path: scores against the forward return, and traded by the
/// study's strategy and costs, block by block, as a model ends with its block: holdings are begun anew.
/// Errors: as cross_validate.
Robustness measure_robustness(const RobustnessInputs& inputs, const RunOptions& options,
                              Progress& progress = silent_progress());

}  // namespace orrery
