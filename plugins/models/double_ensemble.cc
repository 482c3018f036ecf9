#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/named_progress.h"
#include "orrery/base/threads.h"
#include "orrery/ml/library_seed.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"
#include "orrery/ml/rank_ic.h"
#include "plugins/models/double_ensemble/feature_choice.h"
#include "plugins/models/double_ensemble/reweighting.h"
#include "plugins/models/double_ensemble/settings.h"
#include "plugins/models/double_ensemble/sub_models.h"
#include "plugins/models/lightgbm/parameters.h"
#include "plugins/models/lightgbm/training.h"
#include "plugins/models/linear/blocks.h"
#include "plugins/models/registry.h"

namespace orrery::plugins::models::double_ensemble_plugin {
namespace {

using double_ensemble::Draws;
using double_ensemble::Settings;
using double_ensemble::SubModel;

constexpr const char* kName = "double_ensemble";

/// What has been learned: the sub-models, and each one's trees as LightGBM writes them.
struct Learned {
  std::vector<SubModel> models;
  std::vector<std::string> texts;
};

std::vector<double> squared_errors(const Dataset& data, std::span<const double> scores,
                                   const std::vector<std::size_t>& counted) {
  std::vector<double> losses;
  losses.reserve(counted.size());
  for (const std::size_t i : counted) {
    const double error = data.labels()[i] - scores[i];
    losses.push_back(error * error);
  }
  return losses;
}

/// Fits sub-models one after the other, and remembers what the next one is to learn from.
class Fitting {
 public:
  Fitting(const Dataset& train, const Dataset* valid, const ParameterMap& parameters,
          const FitContext& context, int threads)
      : train_(train),
        valid_(valid),
        settings_(double_ensemble::read_settings(parameters)),
        trees_(double_ensemble::tree_settings(parameters)),
        context_(context),
        seed_(library_seed(trees_, context.seed)),
        threads_(threads),
        features_(train.feature_count()) {
    for (std::size_t i = 0; i < features_.size(); ++i) features_[i] = i;
    for (std::size_t i = 0; i < train.size(); ++i) {
      weights_.push_back(static_cast<float>(linear::weight_of(train, i)));
      if (weights_.back() > 0.0F) counted_.push_back(i);
    }
    for (const auto& name : train.feature_names()) report_.importance.push_back({name, 0.0, 0.0});
  }

  Learned fit() {
    for (int k = 0; k < settings_.models; ++k) {
      fit_next();
      if (k + 1 < settings_.models) prepare_next();
    }
    if (valid_ != nullptr) measure_skill();
    return std::move(learned_);
  }

  FitReport report() { return std::move(report_); }

 private:
  void fit_next() {
    const std::size_t number = learned_.models.size() + 1;
    const std::string name = fmt::format("sub-model {}", number);
    NamedProgress named(name, context_.progress);
    const FitContext own{context_.seed, context_.threads, named, {}, context_.purge_rows};
    Dataset seen = train_.with_columns(features_);
    seen.set_weights(weights_);
    std::optional<Dataset> stopping;
    if (valid_ != nullptr) stopping = valid_->with_columns(features_);
    auto trained = lightgbm::train_trees(seen, stopping ? &*stopping : nullptr, trees_, own, threads_,
                                         report_.library_seconds);
    const double weight = settings_.sub_weights[number - 1];
    add_to_report(trained, weight);
    learned_.models.push_back({features_, lightgbm::Forest(trained.text), weight});
    learned_.texts.push_back(std::move(trained.text));
  }

  void prepare_next() {
    const Draws draws{seed_, learned_.models.size()};
    const auto scores = double_ensemble::ensemble_scores(learned_.models, train_, threads_);
    if (settings_.reweights && !counted_.empty()) {
      const auto curves =
          double_ensemble::learning_curves(learned_.models.back(), train_, counted_, threads_);
      const auto found = double_ensemble::weigh_samples(curves, squared_errors(train_, scores, counted_),
                                                        static_cast<int>(draws.fitted), settings_);
      for (std::size_t i = 0; i < counted_.size(); ++i)
        weights_[counted_[i]] = static_cast<float>(found[i] * linear::weight_of(train_, counted_[i]));
    }
    if (settings_.selects && !counted_.empty()) {
      const auto worth =
          double_ensemble::feature_worth(learned_.models, train_, scores, counted_, draws, threads_);
      features_ = double_ensemble::draw_features(worth, settings_, draws);
    }
  }

  /// Rounds of all sub-models stand one after another, as they were made.
  void add_to_report(const lightgbm::TrainedTrees& trained, double weight) {
    report_.rounds += trained.outcome.rounds;
    report_.best_round += trained.outcome.best_round;
    report_.members.push_back({fmt::format("sub-model {}", learned_.models.size() + 1), weight,
                               std::numeric_limits<double>::quiet_NaN()});
    for (std::size_t own = 0; own < features_.size(); ++own) {
      report_.importance[features_[own]].gain += weight * trained.importance[own].gain;
      report_.importance[features_[own]].split += weight * trained.importance[own].split;
    }
    const auto& metrics = trained.outcome.metrics;
    if (report_.metrics.empty()) report_.metrics.resize(metrics.size());
    for (std::size_t i = 0; i < metrics.size(); ++i) {
      auto& all = report_.metrics[i];
      all.name = metrics[i].name;
      all.higher_is_better = metrics[i].higher_is_better;
      all.train.insert(all.train.end(), metrics[i].train.begin(), metrics[i].train.end());
      all.valid.insert(all.valid.end(), metrics[i].valid.begin(), metrics[i].valid.end());
    }
  }

  void measure_skill() {
    const RankIc judge(*valid_);
    double total = 0.0;
    for (const auto& member : report_.members) total += member.weight;
    for (std::size_t m = 0; m < report_.members.size(); ++m) {
      report_.members[m].weight /= total;
      SubModel alone = learned_.models[m];
      alone.weight = 1.0;
      report_.members[m].valid_rank_ic = judge(double_ensemble::ensemble_scores({alone}, *valid_, threads_));
    }
  }

  const Dataset& train_;
  const Dataset* valid_;
  Settings settings_;
  ParameterMap trees_;
  const FitContext& context_;
  std::uint64_t seed_;
  int threads_;
  std::vector<std::size_t> features_;  ///< that the next sub-model sees
  std::vector<float> weights_;         ///< of the samples, for the next sub-model
  std::vector<std::size_t> counted_;   ///< samples that weigh anything
  Learned learned_;
  FitReport report_;
};

class DoubleEnsembleModel final : public Model {
 public:
  explicit DoubleEnsembleModel(const ParameterMap& given)
      : parameters_(complete_parameters(given, double_ensemble::describe_model().parameters)) {
    // What can't be is refused before any data is read.
    static_cast<void>(double_ensemble::read_settings(parameters_));
    static_cast<void>(lightgbm::feature_parameters(double_ensemble::tree_settings(parameters_), {}));
  }

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override {
    require_trainable(train, "train");
    if (valid != nullptr) require_trainable(*valid, "validate");
    Fitting fitting(train, valid, parameters_, context, threads_for(context.threads));
    learned_ = fitting.fit();
    features_ = train.feature_names();
    return fitting.report();
  }

  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override {
    require_fitted(kName, !learned_.models.empty());
    require_same_features(kName, features_, data, out);
    const auto scores = double_ensemble::ensemble_scores(learned_.models, data, threads_for(threads));
    std::copy(scores.begin(), scores.end(), out.begin());
    return {};
  }

  std::optional<ExplanationMethod> explanation() const override {
    return ExplanationMethod{"TreeSHAP", "Lundberg et al., 2020, algorithm 2, as LightGBM has it, averaged",
                             1e-12};
  }
  PredictReport contributions(const Dataset& data, std::span<double> out, int threads) const override;

  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  ModelDescription describe() const override {
    return {kName, Task::kRegression, parameters_, features_, "gain"};
  }

 private:
  int threads_for(int threads) const {
    const auto own = static_cast<int>(get_integer(parameters_, "num_threads"));
    return resolve_threads(own > 0 ? own : threads);
  }

  ParameterMap parameters_;
  std::vector<std::string> features_;
  Learned learned_;
};

PredictReport DoubleEnsembleModel::contributions(const Dataset& data, std::span<double> out,
                                                 int threads) const {
  require_fitted(kName, !learned_.models.empty());
  require_explainable_features(kName, features_, data, out);
  PredictReport report;
  double total = 0.0;
  for (const auto& model : learned_.models) total += model.weight;
  std::fill(out.begin(), out.end(), 0.0);
  const std::size_t width = data.feature_count() + 1;
  for (std::size_t m = 0; m < learned_.models.size(); ++m) {
    const auto& model = learned_.models[m];
    const std::size_t own_width = model.features.size() + 1;
    std::vector<double> own(data.size() * own_width);
    report.library_seconds +=
        lightgbm::ask_trees(lightgbm::booster_from_text(learned_.texts[m]), data.with_columns(model.features),
                            C_API_PREDICT_CONTRIB, own, threads_for(threads));
    for (std::size_t i = 0; i < data.size(); ++i) {
      for (std::size_t f = 0; f < own_width; ++f) {
        const std::size_t column = f < model.features.size() ? model.features[f] : width - 1;
        out[i * width + column] += model.weight / total * own[i * own_width + f];
      }
    }
  }
  return report;
}

void DoubleEnsembleModel::save(const std::filesystem::path& folder) const {
  require_savable(kName, !learned_.models.empty());
  nlohmann::json models = nlohmann::json::array();
  std::string texts;
  for (std::size_t m = 0; m < learned_.models.size(); ++m) {
    const auto& model = learned_.models[m];
    models.push_back(
        {{"features", model.features}, {"weight", model.weight}, {"bytes", learned_.texts[m].size()}});
    texts += learned_.texts[m];
  }
  write_model_file(folder, {kName, parameters_, features_, models.dump() + "\n" + texts});
}

/// A line of JSON about the sub-models, then their texts one after another.
Learned read_learned(const std::string& content, std::size_t features) {
  Learned learned;
  std::size_t begin = std::min(content.find('\n'), content.size() - 1) + 1;
  for (const auto& json : nlohmann::json::parse(content.substr(0, begin))) {
    const auto bytes = json.at("bytes").get<std::size_t>();
    learned.texts.push_back(content.substr(std::min(begin, content.size()), bytes));
    begin += bytes;
    learned.models.push_back({json.at("features").get<std::vector<std::size_t>>(),
                              lightgbm::Forest(learned.texts.back()), json.at("weight").get<double>()});
    for (const std::size_t feature : learned.models.back().features) {
      if (feature >= features)
        throw external_error(ErrorCode::kDataCorrupt, fmt::format("feature {} of {}", feature, features));
    }
  }
  return learned;
}

void DoubleEnsembleModel::load(const std::filesystem::path& folder) {
  ModelFile file = read_model_file(folder, kName);
  auto parameters = complete_parameters(file.parameters, double_ensemble::describe_model().parameters);
  const auto unreadable = [&](const std::exception& error) {
    return external_error(ErrorCode::kDataCorrupt,
                          fmt::format("{}: the sub-models can't be read: {}",
                                      (folder / "model.orrery").string(), error.what()));
  };
  try {
    learned_ = read_learned(file.content, file.features.size());
  } catch (const nlohmann::json::exception& error) {
    throw unreadable(error);
  } catch (const Error& error) {
    throw unreadable(error);
  }
  parameters_ = std::move(parameters);
  features_ = std::move(file.features);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add(kName, {double_ensemble::describe_model(), [](const ParameterMap& parameters) {
                         return std::make_unique<DoubleEnsembleModel>(parameters);
                       }});
}

}  // namespace orrery::plugins::models::double_ensemble_plugin
