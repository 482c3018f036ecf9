#include "plugins/models/lightgbm/training.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "orrery/base/stopwatch.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/named_features.h"
#include "orrery/ml/session_skill.h"
#include "plugins/models/lightgbm/binning.h"
#include "plugins/models/lightgbm/parameters.h"

namespace orrery::plugins::models::lightgbm {
namespace {

/// LightGBM keeps categories in 32 bits, and advises against many.
constexpr double kLargestCategory = 1e6;
/// Rows predicted at a time.
constexpr std::size_t kRowsAsked = 8192;

std::vector<float> library_labels(const Dataset& data, const ParameterMap& parameters) {
  const Task task = task_of(parameters);
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
  if (task_of(parameters) != Task::kRanking) return;
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

}  // namespace

TrainedTrees train_trees(const Dataset& train, const Dataset* valid, const ParameterMap& parameters,
                         const FitContext& context, int threads, LibrarySeconds& seconds) {
  require_trainable(train, "train");
  if (valid != nullptr) require_trainable(*valid, "validate");
  const auto is_categorical = values_by_feature(parameters, "categorical", train.feature_names());
  require_categories(train, is_categorical, kLargestCategory);
  if (valid != nullptr) require_categories(*valid, is_categorical, kLargestCategory);
  const std::string text = library_parameters(parameters, context.seed, threads) +
                           feature_parameters(parameters, train.feature_names());
  const BinningContext binning{text, threads, seconds.binning};
  const BinnedTable train_table = bin_features(train, binning);
  BinnedTable valid_table;
  if (valid != nullptr) {
    valid_table = bin_features_like(train_table, *valid, binning);
    set_fields(valid_table, *valid, parameters);
  }
  // Only now: a table made like one with weights would get weights of 0, which leave nothing to stop by.
  set_fields(train_table, train, parameters);

  const ScopedSeconds timer(seconds.boosting);
  BoosterHandle handle = nullptr;
  check(library().create_booster(train_table.get(), text.c_str(), &handle), "to start boosting");
  const Booster booster(handle);
  if (valid != nullptr) check(library().add_validation(booster.get(), valid_table.get()), "validation rows");
  const auto skill = skill_to_stop_on(parameters, valid);
  const BoostingPlan plan{static_cast<int>(get_integer(parameters, "num_iterations")),
                          static_cast<int>(get_integer(parameters, "early_stopping_round")),
                          skill ? &*skill : nullptr};
  TrainedTrees trained;
  trained.outcome = boost(booster, plan, valid != nullptr ? valid->size() : 0, context.progress);
  trained.importance = importance(booster, trained.outcome.best_round, train.feature_names());
  trained.text = booster_to_text(booster, trained.outcome.best_round);
  return trained;
}

LibrarySeconds ask_trees(const Booster& booster, const Dataset& data, int type, std::span<double> out,
                         int threads) {
  LibrarySeconds seconds;
  if (data.size() == 0) return seconds;
  const std::string parameters = fmt::format("verbosity=-1 num_threads={}", threads);
  const auto features = static_cast<std::int32_t>(data.feature_count());
  std::vector<float> block(std::min(kRowsAsked, data.size()) * data.feature_count());
  for (std::size_t begin = 0; begin < data.size(); begin += kRowsAsked) {
    const std::size_t count = std::min(kRowsAsked, data.size() - begin);
    data.read_rows(begin, count, block.data(), threads);
    const ScopedSeconds timer(seconds.prediction);
    std::int64_t written = 0;
    check(library().predict(booster.get(), block.data(), C_API_DTYPE_FLOAT32,
                            static_cast<std::int32_t>(count), features, 1, type, 0, 0, parameters.c_str(),
                            &written, out.data() + begin * (out.size() / data.size())),
          "to predict");
  }
  return seconds;
}

}  // namespace orrery::plugins::models::lightgbm
