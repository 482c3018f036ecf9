#include "orrery/ml/contribution_summary.h"

#include <cmath>
#include <limits>

#include "orrery/base/threads.h"
#include "orrery/ml/rank_correlation.h"

namespace orrery {
namespace {

/// The samples' values and contributions of one feature, where there is a value.
double relation_of(std::span<const float> values, std::span<const double> contributions) {
  std::vector<double> known;
  std::vector<double> added;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    known.push_back(static_cast<double>(values[i]));
    added.push_back(contributions[i]);
  }
  return rank_correlation(known, added);
}

FeatureContribution summarize(const SampleTable& table, std::size_t feature,
                              std::span<const double> contributions) {
  double sum = 0.0;
  for (const double value : contributions) sum += std::fabs(value);
  return {table.feature_names()[feature], sum / static_cast<double>(contributions.size()),
          relation_of(table.feature(feature), contributions)};
}

}  // namespace

ContributionSummary summarize_contributions(const Model& model, const SampleTable& table, int threads) {
  const std::size_t features = table.feature_names().size();
  ContributionSummary summary;
  summary.contributions.resize(table.size() * (features + 1));
  summary.library_seconds = model.contributions(table.data(), summary.contributions, threads).library_seconds;
  summary.base =
      table.size() == 0 ? std::numeric_limits<double>::quiet_NaN() : summary.contributions[features];
  summary.features.resize(features);
  parallel_for(features, threads, [&](std::size_t feature) {
    std::vector<double> column(table.size());
    for (std::size_t i = 0; i < column.size(); ++i)
      column[i] = summary.contributions[i * (features + 1) + feature];
    summary.features[feature] = summarize(table, feature, column);
  });
  return summary;
}

}  // namespace orrery
