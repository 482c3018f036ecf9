#include "orrery/app/study_explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "orrery/app/fold_importance.h"
#include "orrery/base/random.h"
#include "orrery/ml/contribution_summary.h"
#include "orrery/ml/partial_dependence.h"
#include "orrery/ml/permutation_importance.h"
#include "orrery/ml/sample_table.h"

namespace orrery {
namespace {

/// Streams of the study's seed.
constexpr std::uint64_t kSampleStream = 0x5a3c;
constexpr std::uint64_t kShuffleStream = 0x5a3d;
/// The grid of a partial dependence.
constexpr std::array kQuantiles = {0.02, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.98};

std::uint64_t seed_of(const Study& study, std::uint64_t stream, std::size_t fold) {
  return Random(study.seed).fork(stream).fork(fold).next();
}

/// A fold's model with what it reads of its test span.
class TestedFold {
 public:
  TestedFold(const ExplanationInputs& inputs, std::size_t index, int threads)
      : inputs_(inputs), index_(index), threads_(threads) {
    const Dataset test = data(report().used.test);
    const auto positions = draw_positions(test.size(), static_cast<std::size_t>(choice().samples),
                                          seed_of(inputs.study, kSampleStream, index));
    for (const std::size_t position : positions) cells_.push_back(test.samples()[position]);
    table_ = std::make_unique<SampleTable>(test, positions, model().describe().sessions_read, threads);
  }

  const Model& model() const { return *inputs_.walk.models[index_]; }
  SampleTable& table() { return *table_; }
  const std::vector<Sample>& cells() const { return cells_; }

  std::optional<std::size_t> find(const std::string& feature) const {
    const auto& names = table_->feature_names();
    const auto found = std::find(names.begin(), names.end(), feature);
    if (found == names.end()) return std::nullopt;
    return static_cast<std::size_t>(found - names.begin());
  }

  PermutationReport permute(const std::vector<std::size_t>& features, LibrarySeconds& seconds) const {
    return permutation_importance(
        model(), data(spread_sessions()), inputs_.forward_return,
        {features, choice().repeats, seed_of(inputs_.study, kShuffleStream, index_), threads_}, seconds);
  }

 private:
  const ExplanationChoice& choice() const { return inputs_.study.explanation; }
  const FoldReport& report() const { return inputs_.walk.folds[index_]; }

  Dataset data(const RowRanges& rows) const {
    return {selected_features(report().selection, inputs_.inputs.factors), inputs_.walk.preprocessors[index_],
            inputs_.inputs.eligible, rows};
  }

  /// As many sessions of the test span as asked for, evenly spread.
  RowRanges spread_sessions() const {
    const RowRange test = report().used.test;
    const auto wanted = static_cast<std::size_t>(choice().sessions);
    RowRanges rows;
    if (test.size() <= wanted) return test;
    for (std::size_t i = 0; i < wanted; ++i) {
      const std::size_t row = test.begin + (2 * i + 1) * test.size() / (2 * wanted);
      rows.append({row, row + 1});
    }
    return rows;
  }

  const ExplanationInputs& inputs_;
  std::size_t index_;
  int threads_;
  std::vector<Sample> cells_;
  std::unique_ptr<SampleTable> table_;
};

/// How all folds' models split their scores; nothing where one does not. Models that were chosen in every
/// fold may be of several kinds.
std::optional<ExplanationMethod> common_method(const std::vector<std::unique_ptr<Model>>& models) {
  auto method = models.front()->explanation();
  for (const auto& model : models) {
    const auto other = model->explanation();
    if (!other) return std::nullopt;
    if (method->name.find(other->name) != std::string::npos) continue;
    method->name += " or " + other->name;
    method->tolerance = std::max(method->tolerance, other->tolerance);
  }
  return method;
}

bool is_wanted(const ExplanationInputs& inputs) {
  const auto& choice = inputs.study.explanation;
  const auto& models = inputs.walk.models;
  if (!choice.wanted || models.empty()) return false;
  return !choice.by_default || common_method(models).has_value();
}

/// The most important features by what models say of themselves, over all folds.
std::vector<std::string> heaviest_of_fits(const WalkForwardResult& walk, std::size_t count) {
  ModelExplanation as_shares;
  for (const auto& report : walk.folds) {
    as_shares.folds.emplace_back();
    for (const auto& entry : fold_importance(report.fit)) {
      as_shares.folds.back().contributions.push_back({entry.feature, entry.importance, 0.0});
    }
  }
  as_shares.method = "importance";
  std::vector<std::string> names;
  for (const auto& feature : rank_explained(as_shares, count)) names.push_back(feature.feature);
  return names;
}

std::vector<std::string> features_to_ask(const ExplanationInputs& inputs,
                                         const ModelExplanation& explanation) {
  const auto top = static_cast<std::size_t>(inputs.study.explanation.top);
  if (explanation.method.empty()) {
    auto names = heaviest_of_fits(inputs.walk, top);
    if (names.empty()) names = inputs.inputs.factors.names;
    return names;
  }
  std::vector<std::string> names;
  for (const auto& feature : rank_explained(explanation, top)) names.push_back(feature.feature);
  return names;
}

class ModelInquiry {
 public:
  ModelInquiry(const ExplanationInputs& inputs, const RunOptions& options, Progress& progress)
      : inputs_(inputs), threads_(options.threads), progress_(progress) {}

  StudyExplanation run() {
    const auto& models = inputs_.walk.models;
    const auto method = common_method(models);
    ModelExplanation told;
    if (method) told.method = method->name;
    told.unit = models.front()->describe().task == Task::kBinary ? "log-odds" : "score";
    for (std::size_t i = 0; i < models.size(); ++i) folds_.emplace_back(inputs_, i, threads_);
    progress_.begin("explaining", 2 * models.size());
    for (auto& fold : folds_) {
      told.folds.push_back(method ? split(fold) : FoldExplanation{fold.cells().size(), 0.0, {}, {}, {}});
      progress_.advance();
    }
    const auto asked = features_to_ask(inputs_, told);
    for (std::size_t i = 0; i < folds_.size(); ++i) {
      vary(folds_[i], asked, told.folds[i]);
      progress_.advance();
    }
    progress_.end();
    result_.told = std::move(told);
    return std::move(result_);
  }

 private:
  FoldExplanation split(TestedFold& fold) {
    auto summary = summarize_contributions(fold.model(), fold.table(), threads_);
    result_.library_seconds += summary.library_seconds;
    result_.cells.push_back({fold.cells(), fold.table().feature_names(), std::move(summary.contributions)});
    return {fold.cells().size(), summary.base, std::move(summary.features), std::nullopt, {}};
  }

  void vary(TestedFold& fold, const std::vector<std::string>& asked, FoldExplanation& told) {
    std::vector<std::size_t> features;
    for (const auto& name : asked) {
      if (const auto found = fold.find(name)) features.push_back(*found);
    }
    const auto& choice = inputs_.study.explanation;
    if (choice.permutation) {
      told.permutation = fold.permute(features, result_.library_seconds);
    }
    // An ensemble's score may be a rank in the session, which no cell has by itself.
    if (!choice.partial_dependence || fold.table().size() == 0 || inputs_.study.ensemble ||
        inputs_.study.meta)
      return;
    for (const std::size_t feature : features) {
      told.dependence.push_back(partial_dependence(fold.model(), fold.table(), feature, kQuantiles, threads_,
                                                   result_.library_seconds));
    }
  }

  const ExplanationInputs& inputs_;
  int threads_;
  Progress& progress_;
  std::vector<TestedFold> folds_;
  StudyExplanation result_;
};

}  // namespace

ExplanationChoice read_explanation(ConfigReader& root) {
  ExplanationChoice choice;
  choice.by_default = !root.has("explain");
  const ConfigNode* node = root.node("explain");
  if (node != nullptr && node->kind == ConfigNode::Kind::kScalar) {
    choice.wanted = root.boolean("explain", choice.wanted);
    return choice;
  }
  if (node != nullptr) choice.wanted = true;
  ConfigReader section = root.section("explain");
  choice.samples = static_cast<int>(section.integer("samples", choice.samples, 1));
  choice.permutation = section.boolean("permutation", choice.permutation);
  choice.partial_dependence = section.boolean("partial_dependence", choice.partial_dependence);
  choice.top = static_cast<int>(section.integer("top", choice.top, 1));
  choice.repeats = static_cast<int>(section.integer("repeats", choice.repeats, 1));
  choice.sessions = static_cast<int>(section.integer("sessions", choice.sessions, 1));
  return choice;
}

StudyExplanation explain_models(const ExplanationInputs& inputs, const RunOptions& options,
                                Progress& progress) {
  if (!is_wanted(inputs)) return {};
  return ModelInquiry(inputs, options, progress).run();
}

}  // namespace orrery
