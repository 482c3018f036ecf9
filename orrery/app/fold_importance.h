#pragma once

#include <optional>
#include <vector>

#include "orrery/ml/walk_forward.h"
#include "orrery/report/importance_stability.h"

namespace orrery {

/// The features of a fit with their gain, heaviest first, equal ones in the model's order; empty for a model
/// that tells none.
std::vector<ImportanceEntry> fold_importance(const FitReport& fit);

/// Compares what the folds of a walk forward found important; nothing with fewer than two that tell it.
std::optional<ImportanceStability> compare_fold_importances(const std::vector<FoldReport>& folds);

}  // namespace orrery
