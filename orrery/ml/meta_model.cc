#include "orrery/ml/meta_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/named_progress.h"
#include "orrery/base/statistics.h"
#include "orrery/ml/calibrated_model.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"
#include "orrery/ml/out_of_fold.h"
#include "orrery/ml/purged_splits.h"

namespace orrery {
namespace {

ModelInfo meta_info(const MetaPart& primary, const MetaPart& secondary) {
  ModelInfo info;
  info.name = kMeta;
  info.summary = "A model that takes sides, and one that says how likely each is right";
  info.parameters = {
      {"score",
       std::string("probability"),
       "what becomes of side and probability",
       std::nullopt,
       std::nullopt,
       {"probability", "bet_size", "gate"}},
      {"threshold", 0.5, "probability above which gate lets a score through", 0.0, 1.0},
      {"folds", std::int64_t{5}, "blocks of the training rows that sides are learned from", 2.0, 50.0},
      {"calibration",
       std::string("none"),
       "how the probabilities are set right",
       std::nullopt,
       std::nullopt,
       {"none", "isotonic", "platt"}}};
  info.source = "López de Prado, 2018, ch. 3.6 and 10.3";
  info.accepts_missing = primary.entry.info.accepts_missing && secondary.entry.info.accepts_missing;
  info.keeps_checkpoints = primary.entry.info.keeps_checkpoints || secondary.entry.info.keeps_checkpoints;
  return info;
}

double side_of(double score) { return score > 0.0 ? 1.0 : score < 0.0 ? -1.0 : 0.0; }

/// Sides and sizes as features; cells without a sample are missing.
FactorFrame side_frame(const Dataset& data, std::span<const double> scores) {
  FactorFrame frame;
  frame.names = {"primary_side", "primary_size"};
  frame.panels.assign(2, FloatPanel(data.row_count(), data.instrument_count()));
  for (std::size_t i = 0; i < scores.size(); ++i) {
    const Sample& sample = data.samples()[i];
    frame.panels[0](sample.row, sample.instrument) = static_cast<float>(side_of(scores[i]));
    frame.panels[1](sample.row, sample.instrument) = static_cast<float>(std::fabs(scores[i]));
  }
  return frame;
}

/// The secondary model with its calibration, if there is to be one.
ModelEntry calibrated_secondary(const ModelEntry& entry, const std::string& calibration) {
  if (calibration == "none") return entry;
  CalibrationSpec spec;
  spec.method = calibration == "platt" ? CalibrationMethod::kPlatt : CalibrationMethod::kIsotonic;
  return calibrated_entry(entry, spec);
}

std::vector<double> scores_of(const Model& model, const Dataset& data, int threads, LibrarySeconds& seconds) {
  std::vector<double> scores(data.size());
  seconds += model.predict(data, scores, threads).library_seconds;
  return scores;
}

/// A part's own folder among the checkpoints.
FitContext context_of(const FitContext& context, Progress& progress, const char* part) {
  FitContext own{context.seed, context.threads, progress, {}, context.purge_rows};
  if (context.checkpoints.empty()) return own;
  own.checkpoints = context.checkpoints / part;
  std::filesystem::create_directories(own.checkpoints);
  return own;
}

class MetaModel final : public Model {
 public:
  MetaModel(const MetaPart& primary, const MetaPart& secondary, const ParameterMap& given)
      : primary_(primary), secondary_(secondary) {
    set_parameters(complete_parameters(given, meta_info(primary, secondary).parameters));
  }

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override;
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override;
  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  ModelDescription describe() const override;

 private:
  /// What fitting makes, whole before it replaces what was fitted before.
  struct State {
    std::unique_ptr<Model> primary, secondary;
    std::vector<std::string> features;
  };

  void set_parameters(ParameterMap parameters) {
    parameters_ = std::move(parameters);
    score_ = get_string(parameters_, "score");
    judge_ = calibrated_secondary(secondary_.entry, get_string(parameters_, "calibration"));
  }
  State unfitted() const {
    return {make_model(primary_.entry, primary_.parameters), make_model(judge_, secondary_.parameters), {}};
  }
  void check_parts(const State& state) const;
  double combined(double score, double probability) const;
  static void set_importance(const FitReport& primary, FitReport& report);

  MetaPart primary_, secondary_;
  ParameterMap parameters_;
  std::string score_;
  ModelEntry judge_;  ///< the secondary model, calibrated where that is wanted
  State state_;
};

void MetaModel::check_parts(const State& state) const {
  const auto refused = [](const std::string& why) { return user_error(ErrorCode::kInvalidArgument, why); };
  if (state.primary->describe().task != Task::kRegression) {
    throw refused(fmt::format("the primary model takes sides by an estimate's sign, but {} gives none",
                              primary_.entry.info.name));
  }
  if (state.secondary->describe().task != Task::kBinary) {
    throw refused(
        fmt::format("the secondary model must give probabilities (logistic, or a binary objective), "
                    "but {} gives none",
                    secondary_.entry.info.name));
  }
  if (state.secondary->describe().sessions_read > 1) {
    throw refused(fmt::format("the secondary model must read a sample's own session alone, but {} reads {}",
                              secondary_.entry.info.name, state.secondary->describe().sessions_read));
  }
}

/// The secondary model's importance, that of the primary's score shared out as the primary's is.
void MetaModel::set_importance(const FitReport& primary, FitReport& report) {
  const auto sum = [](const std::vector<FeatureImportance>& all) {
    double total = 0.0;
    for (const auto& feature : all) total += std::fabs(feature.gain);
    return total;
  };
  auto& own = report.importance;
  const double judged = sum(own);
  const double said = sum(primary.importance);
  double of_score = judged > 0.0 ? 0.0 : 1.0;
  for (auto& feature : own) feature.gain = judged > 0.0 ? std::fabs(feature.gain) / judged : 0.0;
  for (std::size_t added = own.size() - 2; added < own.size(); ++added) of_score += own[added].gain;
  own.resize(own.size() - 2);
  for (std::size_t f = 0; f < own.size() && said > 0.0; ++f)
    own[f].gain += of_score * std::fabs(primary.importance[f].gain) / said;
}

FitReport MetaModel::fit(const Dataset& train, const Dataset* valid, const FitContext& context) {
  require_trainable(train, "train");
  if (valid != nullptr) require_trainable(*valid, "validate");
  State state = unfitted();
  check_parts(state);
  LibrarySeconds seconds;
  NamedProgress apart("primary model, out of fold", context.progress);
  const OutOfFoldSpec spec{static_cast<int>(get_integer(parameters_, "folds")),
                           default_embargo(train.row_span().size(), context.purge_rows)};
  const auto said = out_of_fold_scores(primary_.entry, primary_.parameters, train, valid, spec,
                                       context_of(context, apart, "primary"), seconds);
  NamedProgress first("primary model", context.progress);
  const FitReport primary = state.primary->fit(train, valid, context_of(context, first, "primary"));
  seconds += primary.library_seconds;

  const FactorFrame sides = side_frame(train, said);
  const Dataset learned = train.with_further(sides).with_labels(meta_labels(train, said));
  FactorFrame valid_sides;
  std::optional<Dataset> judged;
  if (valid != nullptr) {
    const auto valid_said = scores_of(*state.primary, *valid, context.threads, seconds);
    valid_sides = side_frame(*valid, valid_said);
    judged = valid->with_further(valid_sides).with_labels(meta_labels(*valid, valid_said));
  }
  NamedProgress second("secondary model", context.progress);
  FitReport report =
      state.secondary->fit(learned, judged ? &*judged : nullptr, context_of(context, second, "secondary"));
  report.library_seconds += seconds;
  set_importance(primary, report);
  state.features = train.feature_names();
  state_ = std::move(state);
  return report;
}

double MetaModel::combined(double score, double probability) const {
  if (score_ == "gate") return probability > get_double(parameters_, "threshold") ? score : 0.0;
  return side_of(score) * (score_ == "bet_size" ? bet_size(probability) : probability);
}

PredictReport MetaModel::predict(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted(kMeta, state_.primary != nullptr && !state_.features.empty());
  require_same_features(kMeta, state_.features, data, out);
  PredictReport report;
  const auto said = scores_of(*state_.primary, data, threads, report.library_seconds);
  const FactorFrame sides = side_frame(data, said);
  const auto right = scores_of(*state_.secondary, data.with_further(sides), threads, report.library_seconds);
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = combined(said[i], right[i]);
  return report;
}

ModelDescription MetaModel::describe() const {
  ModelDescription description;
  description.name = kMeta;
  description.task = score_ == "gate" ? Task::kRegression : Task::kRanking;
  description.parameters = parameters_;
  description.features = state_.features;
  description.importance_unit = "importance";
  if (state_.primary) description.sessions_read = state_.primary->describe().sessions_read;
  return description;
}

void MetaModel::save(const std::filesystem::path& folder) const {
  require_savable(kMeta, state_.primary != nullptr);
  for (const auto& [name, model] :
       {std::pair{"primary", state_.primary.get()}, {"secondary", state_.secondary.get()}}) {
    std::filesystem::create_directories(folder / name);
    model->save(folder / name);
  }
  write_model_file(folder, {kMeta, parameters_, state_.features,
                            primary_.entry.info.name + " " + secondary_.entry.info.name});
}

void MetaModel::load(const std::filesystem::path& folder) {
  ModelFile file = read_model_file(folder, kMeta);
  const std::string expected = primary_.entry.info.name + " " + secondary_.entry.info.name;
  if (file.content != expected) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{}: a primary and a secondary model of {} expected, found {}",
                                     (folder / "model.orrery").string(), expected, file.content));
  }
  MetaModel read(primary_, secondary_, file.parameters);
  State state = read.unfitted();
  state.primary->load(folder / "primary");
  state.secondary->load(folder / "secondary");
  state.features = std::move(file.features);
  set_parameters(read.parameters_);
  state_ = std::move(state);
}

}  // namespace

std::vector<double> meta_labels(const Dataset& data, std::span<const double> scores) {
  std::vector<double> labels;
  labels.reserve(scores.size());
  for (std::size_t i = 0; i < scores.size(); ++i)
    labels.push_back(side_of(scores[i]) * data.labels()[i] > 0.0 ? 1.0 : 0.0);
  return labels;
}

double bet_size(double probability) {
  if (probability <= 0.5) return 0.0;
  const double z = (probability - 0.5) / std::sqrt(probability * (1.0 - probability));
  return 2.0 * normal_distribution(z) - 1.0;
}

ModelEntry meta_entry(MetaPart primary, MetaPart secondary) {
  ModelEntry entry;
  entry.info = meta_info(primary, secondary);
  entry.factory = [primary = std::move(primary),
                   secondary = std::move(secondary)](const ParameterMap& parameters) {
    return std::make_unique<MetaModel>(primary, secondary, parameters);
  };
  return entry;
}

}  // namespace orrery
