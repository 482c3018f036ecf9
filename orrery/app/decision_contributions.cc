#include "orrery/app/decision_contributions.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/app/fold_files.h"
#include "orrery/app/study_model.h"
#include "orrery/ml/sample_table.h"

namespace orrery {
namespace {

/// A row of contributions with the features' names; the base value last.
struct SplitScore {
  std::vector<std::string> features;
  std::vector<double> parts;
};

SplitScore split_score(const FittedFold& fold, const ScoredCell& cell, int threads) {
  const FeatureView view = selected_features(fold.selection, cell.factors);
  const Dataset session(view, fold.steps, cell.eligible, RowRange{cell.row, cell.row + 1});
  const auto& samples = session.samples();
  const auto found = std::find_if(samples.begin(), samples.end(),
                                  [&](const Sample& sample) { return sample.instrument == cell.instrument; });
  const auto position = static_cast<std::size_t>(found - samples.begin());
  const SampleTable table(session, {position}, fold.model->describe().sessions_read, threads);
  SplitScore split{view.names(), std::vector<double>(view.size() + 1)};
  fold.model->contributions(table.data(), split.parts, threads);
  return split;
}

/// The base value, the `count` largest contributions, the sum of the others, and the sum of all.
std::vector<DecisionFact> facts_of(const SplitScore& split, std::size_t count) {
  std::vector<std::size_t> order(split.features.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::fabs(split.parts[a]) > std::fabs(split.parts[b]);
  });
  std::vector<DecisionFact> facts{{"base value", split.parts.back()}};
  double others = 0.0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i < count || count == 0) {
      facts.push_back({split.features[order[i]], split.parts[order[i]]});
    } else {
      others += split.parts[order[i]];
    }
  }
  if (count > 0 && order.size() > count)
    facts.push_back({fmt::format("the {} others", order.size() - count), others});
  facts.push_back({"sum", std::accumulate(split.parts.begin(), split.parts.end(), 0.0)});
  return facts;
}

}  // namespace

DecisionStage contributions_stage(const StoredRun& run, const Study& study, const ScoredCell& cell,
                                  const Plugins& plugins, const ExplainOptions& options) {
  DecisionStage stage{
      "contributions", "after the close of " + to_string(cell.market.dates[cell.row]), {}, {}};
  const auto folder = run.folder / "models" / fmt::format("fold_{}", cell.fold + 1);
  if (!std::filesystem::exists(folder / "model.orrery")) {
    stage.sentences.push_back("The run kept no model, so that its score can't be split among the factors.");
    return stage;
  }
  const FittedFold fold = read_fold_files(folder, study_model(study, plugins)).fitted;
  const auto method = fold.model->explanation();
  if (!method) {
    stage.sentences.push_back("This model can't split its scores among its factors.");
    return stage;
  }
  stage.facts = facts_of(split_score(fold, cell, options.threads), options.factors);
  const bool is_probability = fold.model->describe().task == Task::kBinary;
  stage.sentences.push_back(
      fmt::format("What each factor's value added to the {}, by {}; docs/explanations.md "
                  "says what correlation does to it.",
                  is_probability ? "log-odds of the score" : "score", method->name));
  return stage;
}

}  // namespace orrery
