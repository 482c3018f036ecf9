#include "orrery/report/selection.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "orrery/report/metric_definition.h"

namespace orrery {
namespace {

/// What the metrics are read off.
struct Selections {
  SelectionStability stability;
  std::size_t folds = 0;
  std::size_t chosen = 0;  ///< over all folds
};

struct Definition {
  std::string_view key;
  std::string_view unit;
  std::string_view description;
  MetricValue (*get)(const Selections&);
};

constexpr std::array<Definition, 4> kDefinitions{
    {{"selected_features_mean", "features", "Mean number of features chosen in a fold.",
      [](const Selections& s) -> MetricValue {
        return static_cast<double>(s.chosen) / static_cast<double>(s.folds);
      }},
     {"selected_features_ever", "features", "Features that at least one fold chose.",
      [](const Selections& s) -> MetricValue {
        return static_cast<std::int64_t>(s.stability.counts.size());
      }},
     {"selected_features_always", "features", "Features that every fold chose.",
      [](const Selections& s) -> MetricValue {
        return static_cast<std::int64_t>(
            std::count_if(s.stability.counts.begin(), s.stability.counts.end(),
                          [&](const auto& count) { return count.folds == s.folds; }));
      }},
     {"selection_jaccard_mean", "fraction",
      "Mean over consecutive folds of the features that both chose over those that either chose; null for "
      "one "
      "fold.",
      [](const Selections& s) -> MetricValue { return s.stability.mean_jaccard(); }}}};

}  // namespace

void append_selection_metrics(const std::vector<FeatureSelection>& selections, std::vector<Metric>& metrics) {
  if (selections.empty()) return;
  Selections found;
  std::vector<std::vector<std::string>> names;
  for (const auto& selection : selections) names.push_back(selection.names());
  found.stability = selection_stability(names);
  found.folds = names.size();
  for (const auto& fold : names) found.chosen += fold.size();
  for (const auto& definition : kDefinitions) {
    metrics.push_back(
        {std::string(definition.key), definition.get(found), definition.unit, definition.description, kOwn});
  }
}

std::string selection_metrics_reference() {
  std::string page = "\n## Selection of features\n\n| Key | Unit | Meaning | Source |\n|---|---|---|---|\n";
  for (const auto& definition : kDefinitions) {
    fmt::format_to(std::back_inserter(page), "| `{}` | {} | {} | {} |\n", definition.key, definition.unit,
                   definition.description, kOwn);
  }
  return page + "\nPresent when the study says `select`.\n";
}

}  // namespace orrery
