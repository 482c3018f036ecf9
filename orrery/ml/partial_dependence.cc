#include "orrery/ml/partial_dependence.h"

#include <utility>

#include "orrery/base/statistics.h"

namespace orrery {
namespace {

double mean_prediction(const Model& model, const SampleTable& table, int threads, LibrarySeconds& seconds) {
  std::vector<double> scores(table.size());
  seconds += model.predict(table.data(), scores, threads).library_seconds;
  return mean(scores);
}

/// The feature's quantiles as the floats that the model reads, each once.
std::vector<float> grid_of(std::span<const float> feature, std::span<const double> quantiles) {
  const auto known = drop_missing(std::vector<double>(feature.begin(), feature.end()));
  std::vector<float> grid;
  for (const double p : quantiles) {
    if (known.empty()) break;
    const auto value = static_cast<float>(quantile(known, p));
    if (grid.empty() || value != grid.back()) grid.push_back(value);
  }
  return grid;
}

}  // namespace

PartialDependence partial_dependence(const Model& model, SampleTable& table, std::size_t feature,
                                     std::span<const double> quantiles, int threads,
                                     LibrarySeconds& library_seconds) {
  PartialDependence result;
  result.feature = table.feature_names()[feature];
  result.mean_score = mean_prediction(model, table, threads, library_seconds);
  const std::size_t sessions = table.sessions();
  for (const float value : grid_of(table.feature(feature), quantiles)) {
    FloatPanel own = table.replace_feature(feature, FloatPanel(sessions, table.size(), value));
    result.values.push_back(static_cast<double>(value));
    result.scores.push_back(mean_prediction(model, table, threads, library_seconds));
    table.replace_feature(feature, std::move(own));
  }
  return result;
}

}  // namespace orrery
