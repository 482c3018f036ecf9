#include "orrery/report/explanation.h"

#include <algorithm>
#include <map>

#include "orrery/base/statistics.h"

namespace orrery {
namespace {

/// What the folds say of one feature.
struct Gathered {
  std::vector<double> shares;  ///< by fold
  std::vector<double> sizes;
  std::vector<double> relations;
  std::vector<double> drops;
  std::vector<double> deviations;
};

double total_size(const FoldExplanation& fold) {
  double total = 0.0;
  for (const auto& each : fold.contributions) total += each.mean_size;
  return total;
}

std::map<std::string, Gathered> gather(const ModelExplanation& explanation) {
  std::map<std::string, Gathered> features;
  for (std::size_t f = 0; f < explanation.folds.size(); ++f) {
    const FoldExplanation& fold = explanation.folds[f];
    const double total = total_size(fold);
    for (const auto& each : fold.contributions) {
      Gathered& feature = features[each.feature];
      feature.shares.resize(explanation.folds.size(), 0.0);
      feature.shares[f] = total > 0.0 ? each.mean_size / total : 0.0;
      feature.sizes.push_back(each.mean_size);
      feature.relations.push_back(each.relation);
    }
    if (!fold.permutation) continue;
    for (const auto& each : fold.permutation->features) {
      features[each.feature].drops.push_back(each.mean_drop);
      features[each.feature].deviations.push_back(each.deviation);
    }
  }
  return features;
}

double mean_known(const std::vector<double>& values) { return mean(drop_missing(values)); }

}  // namespace

std::vector<ExplainedFeature> rank_explained(const ModelExplanation& explanation, std::size_t count) {
  std::vector<ExplainedFeature> ranked;
  for (auto& [name, feature] : gather(explanation)) {
    ExplainedFeature each;
    each.feature = name;
    each.share = feature.shares.empty() ? 0.0 : mean(feature.shares);
    each.fold_shares = feature.shares;
    each.mean_size = mean_known(feature.sizes);
    each.relation = mean_known(feature.relations);
    each.drop = mean_known(feature.drops);
    each.drop_deviation = mean_known(feature.deviations);
    each.fold_drops = feature.drops;
    ranked.push_back(std::move(each));
  }
  const bool by_drop = explanation.method.empty();
  std::stable_sort(ranked.begin(), ranked.end(), [&](const auto& a, const auto& b) {
    return by_drop ? a.drop > b.drop : a.share > b.share;
  });
  if (ranked.size() > count) ranked.resize(count);
  return ranked;
}

ImportanceStability explanation_stability(const ModelExplanation& explanation) {
  std::vector<std::vector<ImportanceEntry>> folds;
  for (const auto& fold : explanation.folds) {
    folds.emplace_back();
    for (const auto& each : fold.contributions) folds.back().push_back({each.feature, each.mean_size});
  }
  return measure_importance_stability(folds);
}

}  // namespace orrery
