#include <fmt/format.h>

#include <algorithm>
#include <vector>

#include "orrery/base/stopwatch.h"
#include "orrery/base/threads.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"
#include "orrery/ml/named_features.h"
#include "orrery/ml/session_skill.h"
#include "plugins/models/lightgbm/binning.h"
#include "plugins/models/lightgbm/boosting.h"
#include "plugins/models/lightgbm/library.h"
#include "plugins/models/lightgbm/parameters.h"
#include "plugins/models/registry.h"

namespace orrery::plugins::models::lightgbm_plugin {
namespace {

using lightgbm::BinnedTable;
using lightgbm::BinningContext;
using lightgbm::Booster;
using lightgbm::check;
using lightgbm::library;

/// LightGBM keeps categories in 32 bits, and advises against many.
constexpr double kLargestCategory = 1e6;
/// Rows predicted at a time.
constexpr std::size_t kBlockRows = 8192;

std::vector<float> library_labels(const Dataset& data, const ParameterMap& parameters) {
  const Task task = lightgbm::task_of(parameters);
  if (task == Task::kRanking) return relevance_grades(data, get_integer(parameters, "relevance_grades"));
  if (task == Task::kBinary) require_binary(data.labels());
  return {data.labels().begin(), data.labels().end()};
}

template <class T>
void set_field(const BinnedTable& table, const char* field, const T* values, std::size_t count, int type) {
  check(library().set_field(table.get(), field, values, static_cast<int>(count), type), field);
}

/// Attaches labels, weights and, for ranking, sessions to a binned table.
void set_fields(const BinnedTable& table, const Dataset& data, const ParameterMap& parameters) {
  const auto labels = library_labels(data, parameters);
  set_field(table, "label", labels.data(), labels.size(), C_API_DTYPE_FLOAT32);
  if (!data.weights().empty()) {
    set_field(table, "weight", data.weights().data(), data.weights().size(), C_API_DTYPE_FLOAT32);
  }
  if (lightgbm::task_of(parameters) != Task::kRanking) return;
  std::vector<std::int32_t> sizes;
  for (std::size_t g = 0; g + 1 < data.groups().size(); ++g) {
    sizes.push_back(static_cast<std::int32_t>(data.groups()[g + 1] - data.groups()[g]));
  }
  set_field(table, "group", sizes.data(), sizes.size(), C_API_DTYPE_INT32);
}

std::vector<double> importance_of(const Booster& booster, int rounds, int type, std::size_t features) {
  std::vector<double> values(features);
  check(library().feature_importance(booster.get(), rounds, type, values.data()), "to compute importance");
  return values;
}

std::vector<FeatureImportance> importance(const Booster& booster, int rounds,
                                          const std::vector<std::string>& features) {
  const auto gain = importance_of(booster, rounds, C_API_FEATURE_IMPORTANCE_GAIN, features.size());
  const auto split = importance_of(booster, rounds, C_API_FEATURE_IMPORTANCE_SPLIT, features.size());
  std::vector<FeatureImportance> result;
  for (std::size_t i = 0; i < features.size(); ++i) result.push_back({features[i], gain[i], split[i]});
  return result;
}

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

  LibrarySeconds compute(const Dataset& data, int type, std::span<double> out, int threads) const;
  double log_odds_per_sum() const;

  ParameterMap parameters_;
  std::vector<std::string> features_;
  std::string text_;  ///< the fitted model in LightGBM's form; empty before fitting
  Booster booster_;   ///< made from `text_`, so that a fitted and a loaded model are the same thing
};

FitReport LightGbmModel::fit(const Dataset& train, const Dataset* valid, const FitContext& context) {
  require_trainable(train, "train");
  if (valid != nullptr) require_trainable(*valid, "validate");
  FitReport report;
  const int threads = threads_for(context.threads);
  const auto categories = parse_named_features("categorical", get_string(parameters_, "categorical"));
  const auto is_categorical = values_by_feature(categories, train.feature_names());
  require_categories(train, is_categorical, kLargestCategory);
  if (valid != nullptr) require_categories(*valid, is_categorical, kLargestCategory);
  const std::string parameters = lightgbm::library_parameters(parameters_, context.seed, threads) +
                                 lightgbm::feature_parameters(parameters_, train.feature_names());
  const BinningContext binning{parameters, threads, report.library_seconds.binning};
  const BinnedTable train_table = lightgbm::bin_features(train, binning);
  set_fields(train_table, train, parameters_);
  BinnedTable valid_table;
  if (valid != nullptr) {
    valid_table = lightgbm::bin_features_like(train_table, *valid, binning);
    set_fields(valid_table, *valid, parameters_);
  }

  const ScopedSeconds timer(report.library_seconds.boosting);
  BoosterHandle handle = nullptr;
  check(library().create_booster(train_table.get(), parameters.c_str(), &handle), "to start boosting");
  const Booster booster(handle);
  if (valid != nullptr) check(library().add_validation(booster.get(), valid_table.get()), "validation rows");
  const auto skill = skill_to_stop_on(parameters_, valid);
  const lightgbm::BoostingPlan plan{static_cast<int>(get_integer(parameters_, "num_iterations")),
                                    static_cast<int>(get_integer(parameters_, "early_stopping_round")),
                                    skill ? &*skill : nullptr};
  auto outcome = lightgbm::boost(booster, plan, valid != nullptr ? valid->size() : 0, context.progress);
  report.rounds = outcome.rounds;
  report.best_round = outcome.best_round;
  report.metrics = std::move(outcome.metrics);
  report.importance = importance(booster, outcome.best_round, train.feature_names());
  text_ = lightgbm::booster_to_text(booster, outcome.best_round);
  booster_ = lightgbm::booster_from_text(text_);
  features_ = train.feature_names();
  return report;
}

PredictReport LightGbmModel::predict(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted("lightgbm", booster_ != nullptr);
  require_same_features("lightgbm", features_, data, out);
  return {compute(data, C_API_PREDICT_NORMAL, out, threads)};
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
  const PredictReport report{compute(data, C_API_PREDICT_CONTRIB, out, threads)};
  const double factor = log_odds_per_sum();
  for (double& value : out) value *= factor;
  return report;
}

/// Asks the library for as many values a sample as `out` has room for.
LibrarySeconds LightGbmModel::compute(const Dataset& data, int type, std::span<double> out,
                                      int threads) const {
  LibrarySeconds seconds;
  if (data.size() == 0) return seconds;
  const int used = threads_for(threads);
  const std::string parameters = fmt::format("verbosity=-1 num_threads={}", used);
  const auto features = static_cast<std::int32_t>(data.feature_count());
  std::vector<float> block(std::min(kBlockRows, data.size()) * data.feature_count());
  for (std::size_t begin = 0; begin < data.size(); begin += kBlockRows) {
    const std::size_t count = std::min(kBlockRows, data.size() - begin);
    data.read_rows(begin, count, block.data(), used);
    const ScopedSeconds timer(seconds.prediction);
    std::int64_t written = 0;
    check(library().predict(booster_.get(), block.data(), C_API_DTYPE_FLOAT32,
                            static_cast<std::int32_t>(count), features, 1, type, 0, 0, parameters.c_str(),
                            &written, out.data() + begin * (out.size() / data.size())),
          "to predict");
  }
  return seconds;
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
