#include "orrery/ml/ensemble.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/name_pattern.h"
#include "orrery/base/named_progress.h"
#include "orrery/ml/cross_section.h"
#include "orrery/ml/member_weights.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"
#include "orrery/ml/out_of_fold.h"
#include "orrery/ml/purged_splits.h"
#include "orrery/ml/rank_ic.h"

namespace orrery {
namespace {

/// More weights than these take longer to try than a model to fit.
constexpr std::size_t kMostShares = 20000;

ModelInfo ensemble_info(const std::vector<EnsembleMember>& members) {
  ModelInfo info;
  info.name = kEnsemble;
  info.summary = "Several models that predict together";
  info.parameters = {{"combine",
                      std::string("average"),
                      "how members become one score",
                      std::nullopt,
                      std::nullopt,
                      {"average", "rank_average", "stacking"}},
                     {"weights",
                      std::string("equal"),
                      "how an average weighs its members",
                      std::nullopt,
                      std::nullopt,
                      {"equal", "ic", "grid"}},
                     {"grid_step", 0.1, "step of the weights that grid tries", 0.01, 0.5},
                     {"folds", std::int64_t{5},
                      "blocks of the training rows that stacking predicts out of fold", 2.0, 50.0}};
  info.source = "Wolpert, 1992 (stacking); Kuncheva, 2004 (averages)";
  info.accepts_missing = std::all_of(members.begin(), members.end(),
                                     [](const auto& member) { return member.entry.info.accepts_missing; });
  info.keeps_checkpoints = std::any_of(
      members.begin(), members.end(), [](const auto& member) { return member.entry.info.keeps_checkpoints; });
  return info;
}

/// Names that tell members apart: models that stand more than once are numbered.
std::vector<std::string> member_names(const std::vector<const EnsembleMember*>& members) {
  std::map<std::string, int> total, seen;
  for (const auto* member : members) ++total[member->entry.info.name];
  std::vector<std::string> names;
  for (const auto* member : members) {
    const auto& name = member->entry.info.name;
    names.push_back(total[name] == 1 ? name : fmt::format("{} {}", name, ++seen[name]));
  }
  return names;
}

/// Positions of the features that the patterns ask for, ascending.
std::vector<std::size_t> chosen_columns(const std::vector<std::string>& names,
                                        const std::vector<std::string>& patterns) {
  std::vector<std::size_t> chosen;
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto asks = [&](const std::string& pattern) { return matches_pattern(names[i], pattern); };
    if (std::any_of(patterns.begin(), patterns.end(), asks)) chosen.push_back(i);
  }
  for (const auto& pattern : patterns) {
    const auto answers = [&](const std::string& name) { return matches_pattern(name, pattern); };
    if (std::none_of(names.begin(), names.end(), answers)) {
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("an ensemble's member asks for features '{}', but no feature of the {} has "
                      "such a name",
                      pattern, names.size()));
    }
  }
  return chosen;
}

/// What the member sees of a data set.
Dataset seen_by(const EnsembleMember& member, const Dataset& data) {
  if (member.features.empty()) return data;
  return data.with_columns(chosen_columns(data.feature_names(), member.features));
}

/// What a model is fitted on.
struct FitData {
  Dataset train;
  std::optional<Dataset> valid;

  const Dataset* validation() const { return valid ? &*valid : nullptr; }
};

FitData seen_by(const EnsembleMember& member, const Dataset& train, const Dataset* valid) {
  FitData seen{seen_by(member, train), std::nullopt};
  if (valid != nullptr) seen.valid = seen_by(member, *valid);
  return seen;
}

/// Scores of the members as features of another model; cells without a sample are missing.
FactorFrame score_frame(const Dataset& data, const std::vector<std::string>& names,
                        const std::vector<std::vector<double>>& scores) {
  FactorFrame frame;
  frame.names = names;
  for (const auto& own : scores) {
    auto& panel = frame.panels.emplace_back(data.row_count(), data.instrument_count());
    for (std::size_t i = 0; i < own.size(); ++i) {
      const Sample& sample = data.samples()[i];
      panel(sample.row, sample.instrument) = static_cast<float>(own[i]);
    }
  }
  return frame;
}

void rank_by_session(const Dataset& data, std::span<double> scores) {
  const auto& groups = data.groups();
  for (std::size_t group = 0; group + 1 < groups.size(); ++group)
    cross_rank_norm(scores.subspan(groups[group], groups[group + 1] - groups[group]));
}

/// Importances as shares of their sum; zeros where the model knows none.
std::vector<double> importance_shares(const std::vector<FeatureImportance>& importance) {
  double total = 0.0;
  for (const auto& feature : importance) total += std::fabs(feature.gain);
  std::vector<double> shares;
  for (const auto& feature : importance)
    shares.push_back(total > 0.0 ? std::fabs(feature.gain) / total : 0.0);
  return shares;
}

class EnsembleModel final : public Model {
 public:
  EnsembleModel(const std::vector<EnsembleMember>& members, const std::optional<EnsembleMember>& final_model,
                const ParameterMap& given)
      : listed_(members),
        final_choice_(final_model),
        parameters_(complete_parameters(given, ensemble_info(members).parameters)),
        combine_(get_string(parameters_, "combine")) {
    for (const auto& member : listed_) {
      for (int seed = 0; seed < member.seeds; ++seed) {
        choices_.push_back(&member);
        seed_shifts_.push_back(static_cast<std::uint64_t>(seed));
      }
    }
    names_ = member_names(choices_);
    if (combine_ == "stacking" && !final_choice_)
      throw internal_error("an ensemble that stacks was made without a final model");
  }

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override;
  /// Members without that form stay as they were trained.
  bool serve_in(ServingPrecision precision) override {
    bool any = precision == ServingPrecision::kTrained;
    for (const auto& member : state_.members) any |= member->serve_in(precision);
    return any;
  }
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override;
  std::optional<DeviationMethod> deviation_method() const override {
    if (stacks() || choices_.size() == 1) return std::nullopt;
    return DeviationMethod{"spread of the members", "Lakshminarayanan, Pritzel and Blundell, 2017", false};
  }
  PredictReport deviations(const Dataset& data, std::span<double> out, int threads) const override;
  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  ModelDescription describe() const override;

 private:
  /// What fitting makes, whole before it replaces what was fitted before.
  struct State {
    std::vector<std::unique_ptr<Model>> members;
    std::unique_ptr<Model> final_model;  ///< of stacking
    std::vector<double> weights;         ///< of the averages
    std::vector<std::string> features;
  };

  bool stacks() const { return combine_ == "stacking"; }
  void check_tasks() const;
  FitContext context_of(const FitContext& context, std::size_t member, Progress& progress) const;
  State fit_members(const Dataset& train, const Dataset* valid, const FitContext& context,
                    std::vector<FitReport>& reports) const;
  std::vector<std::vector<double>> member_scores(const State& state, const Dataset& data, int threads,
                                                 LibrarySeconds& seconds) const;
  std::vector<double> choose_weights(const std::vector<std::vector<double>>& scores,
                                     const std::vector<double>& skill, const RankIc& judge,
                                     int threads) const;
  FitReport fit_final(const Dataset& train, const Dataset* valid, const FitContext& context, State& state,
                      const std::vector<std::vector<double>>& valid_scores) const;
  void add_importance(const Dataset& train, const std::vector<FitReport>& reports, FitReport& report) const;
  void require_kept(const std::filesystem::path& folder, const nlohmann::json& content) const;

  std::vector<EnsembleMember> listed_;
  std::optional<EnsembleMember> final_choice_;
  ParameterMap parameters_;
  std::string combine_;
  std::vector<const EnsembleMember*> choices_;  ///< of listed_, by member
  std::vector<std::uint64_t> seed_shifts_;
  std::vector<std::string> names_;
  State state_;
};

void EnsembleModel::check_tasks() const {
  if (combine_ != "average" || choices_.size() == 1) return;
  std::vector<Task> tasks;
  for (const auto* choice : choices_)
    tasks.push_back(make_model(choice->entry, choice->parameters)->describe().task);
  const bool same = std::all_of(tasks.begin(), tasks.end(), [&](Task task) { return task == tasks.front(); });
  if (same && tasks.front() != Task::kRanking) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      "an ensemble averages only what means the same, estimates or probabilities, and its members "
      "say different things or only rank; use combine: rank_average or stacking");
}

FitContext EnsembleModel::context_of(const FitContext& context, std::size_t member,
                                     Progress& progress) const {
  FitContext own{context.seed + seed_shifts_[member], context.threads, progress, {}, context.purge_rows};
  if (!context.checkpoints.empty()) {
    own.checkpoints = context.checkpoints / fmt::format("member-{}", member + 1);
    std::filesystem::create_directories(own.checkpoints);
  }
  return own;
}

EnsembleModel::State EnsembleModel::fit_members(const Dataset& train, const Dataset* valid,
                                                const FitContext& context,
                                                std::vector<FitReport>& reports) const {
  State state;
  state.features = train.feature_names();
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    const EnsembleMember& choice = *choices_[i];
    NamedProgress named(names_[i], context.progress);
    const FitData seen = seen_by(choice, train, valid);
    state.members.push_back(make_model(choice.entry, choice.parameters));
    reports.push_back(
        state.members.back()->fit(seen.train, seen.validation(), context_of(context, i, named)));
  }
  return state;
}

std::vector<std::vector<double>> EnsembleModel::member_scores(const State& state, const Dataset& data,
                                                              int threads, LibrarySeconds& seconds) const {
  std::vector<std::vector<double>> scores;
  for (std::size_t i = 0; i < state.members.size(); ++i) {
    auto& own = scores.emplace_back(data.size());
    seconds += state.members[i]->predict(seen_by(*choices_[i], data), own, threads).library_seconds;
    if (combine_ == "rank_average") rank_by_session(data, own);
  }
  return scores;
}

std::vector<double> EnsembleModel::choose_weights(const std::vector<std::vector<double>>& scores,
                                                  const std::vector<double>& skill, const RankIc& judge,
                                                  int threads) const {
  if (get_string(parameters_, "weights") == "ic") return weights_by_skill(skill);
  const auto parts = static_cast<std::size_t>(std::lround(1.0 / get_double(parameters_, "grid_step")));
  if (count_shares(scores.size(), parts, kMostShares) > kMostShares) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("{} members in steps of {:.4g} make more than {} weights to try; use a larger "
                    "grid_step, or weights: ic",
                    scores.size(), get_double(parameters_, "grid_step"), kMostShares));
  }
  return weights_by_grid(scores, judge, parts, threads);
}

FitReport EnsembleModel::fit_final(const Dataset& train, const Dataset* valid, const FitContext& context,
                                   State& state, const std::vector<std::vector<double>>& valid_scores) const {
  OutOfFoldSpec spec;
  spec.folds = static_cast<int>(get_integer(parameters_, "folds"));
  spec.embargo_rows = default_embargo(train.row_span().size(), context.purge_rows);
  std::vector<std::vector<double>> scores;
  LibrarySeconds seconds;
  for (std::size_t i = 0; i < choices_.size(); ++i) {
    const EnsembleMember& choice = *choices_[i];
    NamedProgress named(fmt::format("{}, out of fold", names_[i]), context.progress);
    const FitData seen = seen_by(choice, train, valid);
    scores.push_back(out_of_fold_scores(choice.entry, choice.parameters, seen.train, seen.validation(), spec,
                                        context_of(context, i, named), seconds));
  }
  const FactorFrame learned = score_frame(train, names_, scores);
  FitData on_scores{train.on_features(learned), std::nullopt};
  FactorFrame judged;
  if (valid != nullptr) {
    judged = score_frame(*valid, names_, valid_scores);
    on_scores.valid = valid->on_features(judged);
  }
  NamedProgress named("final model", context.progress);
  const FitContext own{context.seed, context.threads, named, {}, context.purge_rows};
  state.final_model = make_model(final_choice_->entry, final_choice_->parameters);
  FitReport report = state.final_model->fit(on_scores.train, on_scores.validation(), own);
  report.library_seconds += seconds;
  return report;
}

/// A feature's importance: its share in each member, by the member's weight.
void EnsembleModel::add_importance(const Dataset& train, const std::vector<FitReport>& reports,
                                   FitReport& report) const {
  std::map<std::string, std::size_t> position;
  for (const auto& name : train.feature_names()) {
    position.emplace(name, report.importance.size());
    report.importance.push_back({name, 0.0, 0.0});
  }
  for (std::size_t i = 0; i < reports.size(); ++i) {
    const auto shares = importance_shares(reports[i].importance);
    for (std::size_t f = 0; f < shares.size(); ++f) {
      report.importance[position.at(reports[i].importance[f].feature)].gain +=
          report.members[i].weight * shares[f];
    }
  }
}

FitReport EnsembleModel::fit(const Dataset& train, const Dataset* valid, const FitContext& context) {
  require_trainable(train, "train");
  check_tasks();
  const bool weighs = !stacks() && get_string(parameters_, "weights") != "equal" && choices_.size() > 1;
  if (weighs && valid == nullptr) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("an ensemble with weights: {} needs validation rows to choose them on; give the "
                    "study a validation span, or take weights: equal",
                    get_string(parameters_, "weights")));
  }
  std::vector<FitReport> reports;
  State state = fit_members(train, valid, context, reports);
  FitReport report;
  for (const auto& own : reports) report.library_seconds += own.library_seconds;
  std::vector<std::vector<double>> valid_scores;
  std::vector<double> skill(choices_.size(), std::numeric_limits<double>::quiet_NaN());
  state.weights.assign(choices_.size(), 1.0 / static_cast<double>(choices_.size()));
  if (valid != nullptr) {
    valid_scores = member_scores(state, *valid, context.threads, report.library_seconds);
    const RankIc judge(*valid);
    for (std::size_t i = 0; i < skill.size(); ++i) skill[i] = judge(valid_scores[i]);
    if (weighs) state.weights = choose_weights(valid_scores, skill, judge, context.threads);
  }
  if (stacks()) {
    const FitReport last = fit_final(train, valid, context, state, valid_scores);
    report.library_seconds += last.library_seconds;
    state.weights = importance_shares(last.importance);
  }
  for (std::size_t i = 0; i < names_.size(); ++i)
    report.members.push_back({names_[i], state.weights[i], skill[i]});
  add_importance(train, reports, report);
  state_ = std::move(state);
  return report;
}

PredictReport EnsembleModel::predict(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted(kEnsemble, !state_.members.empty());
  require_same_features(kEnsemble, state_.features, data, out);
  PredictReport report;
  const auto scores = member_scores(state_, data, threads, report.library_seconds);
  if (stacks()) {
    const FactorFrame frame = score_frame(data, names_, scores);
    report.library_seconds +=
        state_.final_model->predict(data.on_features(frame), out, threads).library_seconds;
    return report;
  }
  std::fill(out.begin(), out.end(), 0.0);
  for (std::size_t member = 0; member < scores.size(); ++member) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] += state_.weights[member] * scores[member][i];
  }
  return report;
}

PredictReport EnsembleModel::deviations(const Dataset& data, std::span<double> out, int threads) const {
  if (!deviation_method()) return Model::deviations(data, out, threads);
  require_fitted(kEnsemble, !state_.members.empty());
  require_same_features(kEnsemble, state_.features, data, out);
  PredictReport report;
  const auto scores = member_scores(state_, data, threads, report.library_seconds);
  for (std::size_t i = 0; i < out.size(); ++i) {
    // Measured from the first member, so that members that agree have exactly no deviation.
    const double first = scores.front()[i];
    double score = first;
    for (std::size_t member = 0; member < scores.size(); ++member)
      score += state_.weights[member] * (scores[member][i] - first);
    double variance = 0.0;
    for (std::size_t member = 0; member < scores.size(); ++member) {
      const double distance = scores[member][i] - score;
      variance += state_.weights[member] * distance * distance;
    }
    out[i] = std::sqrt(variance);
  }
  return report;
}

ModelDescription EnsembleModel::describe() const {
  ModelDescription description;
  description.name = kEnsemble;
  const auto& speaker = stacks() ? *final_choice_ : listed_.front();
  description.task = combine_ == "rank_average"
                         ? Task::kRanking
                         : make_model(speaker.entry, speaker.parameters)->describe().task;
  description.parameters = parameters_;
  description.features = state_.features;
  description.importance_unit = "importance";
  for (const auto& member : state_.members) {
    description.sessions_read = std::max(description.sessions_read, member->describe().sessions_read);
  }
  return description;
}

std::filesystem::path member_folder(const std::filesystem::path& folder, std::size_t member) {
  return folder / fmt::format("member-{}", member + 1);
}

void EnsembleModel::save(const std::filesystem::path& folder) const {
  require_savable(kEnsemble, !state_.members.empty());
  const auto save_in = [](const Model& model, const std::filesystem::path& own) {
    std::filesystem::create_directories(own);
    model.save(own);
  };
  for (std::size_t i = 0; i < state_.members.size(); ++i)
    save_in(*state_.members[i], member_folder(folder, i));
  if (stacks()) save_in(*state_.final_model, folder / "final");
  const nlohmann::json content{{"members", names_}, {"weights", state_.weights}};
  write_model_file(folder, {kEnsemble, parameters_, state_.features, content.dump()});
}

/// Errors: kDataCorrupt when the file is of other members.
void EnsembleModel::require_kept(const std::filesystem::path& folder, const nlohmann::json& content) const {
  const auto found = content.at("members").get<std::vector<std::string>>();
  const auto weights = content.at("weights").get<std::vector<double>>();
  if (found == names_ && weights.size() == names_.size()) return;
  throw external_error(ErrorCode::kDataCorrupt, fmt::format("{}: an ensemble of {} expected, found one of {}",
                                                            (folder / "model.orrery").string(),
                                                            fmt::join(names_, ", "), fmt::join(found, ", ")));
}

void EnsembleModel::load(const std::filesystem::path& folder) {
  ModelFile file = read_model_file(folder, kEnsemble);
  auto parameters = complete_parameters(file.parameters, ensemble_info(listed_).parameters);
  State state;
  try {
    const auto content = nlohmann::json::parse(file.content);
    require_kept(folder, content);
    state.weights = content.at("weights").get<std::vector<double>>();
  } catch (const nlohmann::json::exception& error) {
    throw external_error(
        ErrorCode::kDataCorrupt,
        fmt::format("{}: the ensemble can't be read: {}", (folder / "model.orrery").string(), error.what()));
  }
  const auto load_from = [](const EnsembleMember& choice, const std::filesystem::path& own) {
    auto model = make_model(choice.entry, choice.parameters);
    model->load(own);
    return model;
  };
  for (std::size_t i = 0; i < choices_.size(); ++i)
    state.members.push_back(load_from(*choices_[i], member_folder(folder, i)));
  const std::string combine = get_string(parameters, "combine");
  if (combine == "stacking") {
    if (!final_choice_)
      throw external_error(ErrorCode::kDataCorrupt,
                           fmt::format("{}: an ensemble without a final model expected, "
                                       "found one that stacks",
                                       (folder / "model.orrery").string()));
    state.final_model = load_from(*final_choice_, folder / "final");
  }
  state.features = std::move(file.features);
  parameters_ = std::move(parameters);
  combine_ = combine;
  state_ = std::move(state);
}

}  // namespace

ModelEntry ensemble_entry(std::vector<EnsembleMember> members, std::optional<EnsembleMember> final_model) {
  if (members.empty()) throw internal_error("an ensemble needs members");
  ModelEntry entry;
  entry.info = ensemble_info(members);
  entry.factory = [members = std::move(members),
                   final_model = std::move(final_model)](const ParameterMap& parameters) {
    return std::make_unique<EnsembleModel>(members, final_model, parameters);
  };
  return entry;
}

}  // namespace orrery
