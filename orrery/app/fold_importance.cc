#include "orrery/app/fold_importance.h"

#include <algorithm>

namespace orrery {

std::vector<ImportanceEntry> fold_importance(const FitReport& fit) {
  std::vector<ImportanceEntry> entries;
  for (const auto& feature : fit.importance) entries.push_back({feature.feature, feature.gain});
  std::stable_sort(entries.begin(), entries.end(),
                   [](const auto& a, const auto& b) { return a.importance > b.importance; });
  return entries;
}

std::optional<ImportanceStability> compare_fold_importances(const std::vector<FoldReport>& folds) {
  std::vector<std::vector<ImportanceEntry>> importances;
  for (const FoldReport& fold : folds) importances.push_back(fold_importance(fold.fit));
  auto stability = measure_importance_stability(importances);
  if (stability.pairs.empty()) return std::nullopt;
  return stability;
}

}  // namespace orrery
