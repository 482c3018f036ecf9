#include <utility>
#include <vector>

#include "orrery/base/threads.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"
#include "plugins/models/lightgbm/library.h"
#include "plugins/models/lightgbm/parameters.h"
#include "plugins/models/lightgbm/training.h"
#include "plugins/models/registry.h"

namespace orrery::plugins::models::lightgbm_plugin {
namespace {

using lightgbm::Booster;
using lightgbm::check;
using lightgbm::library;

class LightGbmModel final : public Model {
 public:
  explicit LightGbmModel(const ParameterMap& given)
      : parameters_(complete_parameters(given, lightgbm::describe_model().parameters)) {
    // What can't be is refused before any data is read.
    static_cast<void>(lightgbm::feature_parameters(parameters_, {}));
  }

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override;
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override;
  std::optional<ExplanationMethod> explanation() const override {
    return ExplanationMethod{"TreeSHAP", "Lundberg et al., 2020, algorithm 2, as LightGBM has it", 1e-12};
  }
  PredictReport contributions(const Dataset& data, std::span<double> out, int threads) const override;
  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  ModelDescription describe() const override {
    return {"lightgbm", lightgbm::task_of(parameters_), parameters_, features_, "gain"};
  }

 private:
  int threads_for(int threads) const {
    const auto own = static_cast<int>(get_integer(parameters_, "num_threads"));
    return resolve_threads(own > 0 ? own : threads);
  }

  double log_odds_per_sum() const;

  ParameterMap parameters_;
  std::vector<std::string> features_;
  std::string text_;  ///< the fitted model in LightGBM's form; empty before fitting
  Booster booster_;   ///< made from `text_`, so that a fitted and a loaded model are the same thing
};

FitReport LightGbmModel::fit(const Dataset& train, const Dataset* valid, const FitContext& context) {
  FitReport report;
  auto trained = lightgbm::train_trees(train, valid, parameters_, context, threads_for(context.threads),
                                       report.library_seconds);
  report.rounds = trained.outcome.rounds;
  report.best_round = trained.outcome.best_round;
  report.metrics = std::move(trained.outcome.metrics);
  report.importance = std::move(trained.importance);
  booster_ = lightgbm::booster_from_text(trained.text);
  text_ = std::move(trained.text);
  features_ = train.feature_names();
  return report;
}

PredictReport LightGbmModel::predict(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted("lightgbm", booster_ != nullptr);
  require_same_features("lightgbm", features_, data, out);
  return {lightgbm::ask_trees(booster_, data, C_API_PREDICT_NORMAL, out, threads_for(threads))};
}

/// What the library's contributions are to be multiplied by: it adds up all trees also where a random
/// forest's prediction is their mean, and its raw score is the log-odds by `sigmoid`.
double LightGbmModel::log_odds_per_sum() const {
  double factor = lightgbm::task_of(parameters_) == Task::kBinary ? get_double(parameters_, "sigmoid") : 1.0;
  if (get_string(parameters_, "boosting") == "rf") {
    int rounds = 0;
    check(library().current_round(booster_.get(), &rounds), "to count rounds");
    factor /= static_cast<double>(rounds);
  }
  return factor;
}

PredictReport LightGbmModel::contributions(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted("lightgbm", booster_ != nullptr);
  require_explainable_features("lightgbm", features_, data, out);
  const PredictReport report{
      lightgbm::ask_trees(booster_, data, C_API_PREDICT_CONTRIB, out, threads_for(threads))};
  const double factor = log_odds_per_sum();
  for (double& value : out) value *= factor;
  return report;
}

void LightGbmModel::save(const std::filesystem::path& folder) const {
  require_savable("lightgbm", booster_ != nullptr);
  write_model_file(folder, {"lightgbm", parameters_, features_, text_});
}

void LightGbmModel::load(const std::filesystem::path& folder) {
  ModelFile file = read_model_file(folder, "lightgbm");
  auto parameters = complete_parameters(file.parameters, lightgbm::describe_model().parameters);
  booster_ = lightgbm::booster_from_text(file.content);
  parameters_ = std::move(parameters);
  features_ = std::move(file.features);
  text_ = std::move(file.content);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("lightgbm", {lightgbm::describe_model(), [](const ParameterMap& parameters) {
                              return std::make_unique<LightGbmModel>(parameters);
                            }});
}

}  // namespace orrery::plugins::models::lightgbm_plugin
