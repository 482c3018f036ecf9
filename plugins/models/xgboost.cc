#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "orrery/base/threads.h"
#include "orrery/ml/model_checks.h"
#include "orrery/ml/model_file.h"
#include "orrery/ml/named_features.h"
#include "orrery/ml/session_skill.h"
#include "plugins/models/registry.h"
#include "plugins/models/xgboost/library.h"
#include "plugins/models/xgboost/rounds.h"
#include "plugins/models/xgboost/settings.h"
#include "plugins/models/xgboost/tables.h"

namespace orrery::plugins::models::xgboost_plugin {
namespace {

using xgboost::Booster;
using xgboost::check;
using xgboost::Handle;
using xgboost::library;
using xgboost::Table;
using xgboost::TableLabels;

/// XGBoost keeps categories as floats.
constexpr double kLargestCategory = 16777215.0;
/// Rows predicted at a time.
constexpr std::size_t kPredictedRows = 8192;

/// XGBoost weighs whole sessions when it ranks: the mean of their samples' weights.
std::vector<float> session_weights(const Dataset& data) {
  std::vector<float> weights;
  const auto& groups = data.groups();
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    double sum = 0.0;
    for (std::size_t i = groups[g]; i < groups[g + 1]; ++i) sum += static_cast<double>(data.weights()[i]);
    weights.push_back(static_cast<float>(sum / static_cast<double>(groups[g + 1] - groups[g])));
  }
  return weights;
}

std::vector<std::uint32_t> sessions_of(const Dataset& data) {
  std::vector<std::uint32_t> sessions(data.size());
  const auto& groups = data.groups();
  for (std::size_t g = 0; g + 1 < groups.size(); ++g) {
    for (std::size_t i = groups[g]; i < groups[g + 1]; ++i) sessions[i] = static_cast<std::uint32_t>(g);
  }
  return sessions;
}

TableLabels labels_of(const Dataset& data, const ParameterMap& parameters) {
  TableLabels result;
  const Task task = xgboost::task_of(parameters);
  if (task == Task::kBinary) require_binary(data.labels());
  if (task == Task::kRanking) {
    result.labels = relevance_grades(data, get_integer(parameters, "relevance_grades"));
    result.sessions = sessions_of(data);
    if (!data.weights().empty()) result.weights = session_weights(data);
  } else {
    result.labels.assign(data.labels().begin(), data.labels().end());
    result.weights.assign(data.weights().begin(), data.weights().end());
  }
  return result;
}

/// The library leaves out features without a split.
std::vector<double> scores_of_features(const Booster& booster, const char* type, std::size_t features) {
  const auto config = fmt::format(R"({{"importance_type": "{}"}})", type);
  std::uint64_t count = 0, dimensions = 0;
  const char** names = nullptr;
  const std::uint64_t* shape = nullptr;
  const float* scores = nullptr;
  check(library().feature_score(booster.get(), config.c_str(), &count, &names, &dimensions, &shape, &scores),
        "to compute importance");
  std::vector<double> result(features, 0.0);
  for (std::uint64_t i = 0; i < count; ++i) {
    const std::string_view name = names[i];  // "f12"
    std::size_t feature = features;
    std::from_chars(name.data() + 1, name.data() + name.size(), feature);
    if (feature >= features) throw internal_error(fmt::format("XGBoost names a feature '{}'", name));
    result[feature] = static_cast<double>(scores[i]);
  }
  return result;
}

std::vector<FeatureImportance> importance(const Booster& booster, const std::vector<std::string>& features) {
  const auto gain = scores_of_features(booster, "total_gain", features.size());
  const auto split = scores_of_features(booster, "weight", features.size());
  std::vector<FeatureImportance> result;
  for (std::size_t i = 0; i < features.size(); ++i) result.push_back({features[i], gain[i], split[i]});
  return result;
}

bool names_any(const std::vector<int>& values) {
  return std::any_of(values.begin(), values.end(), [](int value) { return value != 0; });
}

Booster make_booster(const Table& train, const ParameterMap& parameters,
                     const std::vector<std::string>& features, std::uint64_t seed, int threads) {
  Handle handle = nullptr;
  const Handle table = train.get();
  check(library().create_booster(&table, 1, &handle), "to start boosting");
  Booster booster(handle);
  for (const auto& [name, value] : xgboost::library_settings(parameters, seed, threads)) {
    check(library().set_parameter(booster.get(), name.c_str(), value.c_str()), name);
  }
  const auto signs = values_by_feature(parameters, "monotone", features);
  if (names_any(signs)) {
    const auto text = fmt::format("({})", fmt::join(signs, ","));
    check(library().set_parameter(booster.get(), "monotone_constraints", text.c_str()), "monotone");
  }
  return booster;
}

class XgboostModel final : public Model {
 public:
  explicit XgboostModel(const ParameterMap& given)
      : parameters_(complete_parameters(given, xgboost::describe_model().parameters)) {
    // What can't be is refused before any data is read.
    static_cast<void>(values_by_feature(parameters_, "monotone", {}));
    static_cast<void>(values_by_feature(parameters_, "categorical", {}));
  }

  FitReport fit(const Dataset& train, const Dataset* valid, const FitContext& context) override;
  PredictReport predict(const Dataset& data, std::span<double> out, int threads) const override;
  std::optional<ExplanationMethod> explanation() const override {
    // The library adds trees in float: a few hundred roundings of 6e-8 each.
    return ExplanationMethod{"TreeSHAP", "Lundberg et al., 2020, algorithm 2, as XGBoost has it", 1e-5};
  }
  PredictReport contributions(const Dataset& data, std::span<double> out, int threads) const override;
  void save(const std::filesystem::path& folder) const override;
  void load(const std::filesystem::path& folder) override;
  ModelDescription describe() const override {
    return {"xgboost", xgboost::task_of(parameters_), parameters_, features_, "gain"};
  }

 private:
  int threads_for(int threads) const {
    const auto own = static_cast<int>(get_integer(parameters_, "nthread"));
    return resolve_threads(own > 0 ? own : threads);
  }

  ParameterMap parameters_;
  std::vector<std::string> features_;
  std::string bytes_;  ///< the fitted model in XGBoost's form; empty before fitting
  Booster booster_;    ///< made from `bytes_`, so that a fitted and a loaded model are the same thing
};

FitReport XgboostModel::fit(const Dataset& train, const Dataset* valid, const FitContext& context) {
  require_trainable(train, "train");
  if (valid != nullptr) require_trainable(*valid, "validate");
  FitReport report;
  const int threads = threads_for(context.threads);
  auto categorical = values_by_feature(parameters_, "categorical", train.feature_names());
  require_categories(train, categorical, kLargestCategory);
  if (valid != nullptr) require_categories(*valid, categorical, kLargestCategory);
  if (!names_any(categorical)) categorical.clear();
  const xgboost::TableSettings settings{get_integer(parameters_, "max_bin"), threads, std::move(categorical),
                                        report.library_seconds.binning};
  const auto labels = labels_of(train, parameters_);
  const Table train_table = xgboost::quantise(train, labels, settings, nullptr);
  Table valid_table;
  if (valid != nullptr) {
    const auto valid_labels = labels_of(*valid, parameters_);
    valid_table = xgboost::quantise(*valid, valid_labels, settings, train_table.get());
  }

  const ScopedSeconds timer(report.library_seconds.boosting);
  const Booster booster =
      make_booster(train_table, parameters_, train.feature_names(), context.seed, threads);
  const auto skill = skill_to_stop_on(parameters_, valid);
  const xgboost::RoundsPlan plan{static_cast<int>(get_integer(parameters_, "num_boost_round")),
                                 static_cast<int>(get_integer(parameters_, "early_stopping_rounds")),
                                 skill ? &*skill : nullptr};
  auto outcome = xgboost::boost(booster, train_table, valid_table, plan, context.progress);
  auto bytes = xgboost::booster_to_bytes(booster, outcome.best_round);
  booster_ = xgboost::booster_from_bytes(bytes);
  bytes_ = std::move(bytes);
  features_ = train.feature_names();
  report.rounds = outcome.rounds;
  report.best_round = outcome.best_round;
  report.metrics = std::move(outcome.metrics);
  report.importance = importance(booster_, features_);
  return report;
}

/// Calls `work(begin, count, rows)` with samples [begin, begin + count), a few at a time, in XGBoost's form.
template <class Work>
void for_each_block(const Dataset& data, int threads, const Work& work) {
  std::vector<float> block(std::min(kPredictedRows, data.size()) * data.feature_count());
  for (std::size_t begin = 0; begin < data.size(); begin += kPredictedRows) {
    const std::size_t count = std::min(kPredictedRows, data.size() - begin);
    data.read_rows(begin, count, block.data(), threads);
    work(begin, count, xgboost::array_interface(block.data(), {count, data.feature_count()}, "<f4"));
  }
}

PredictReport XgboostModel::predict(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted("xgboost", booster_ != nullptr);
  require_same_features("xgboost", features_, data, out);
  PredictReport report;
  const int used = threads_for(threads);
  check(library().set_parameter(booster_.get(), "nthread", fmt::format("{}", used).c_str()), "nthread");
  for_each_block(data, used, [&](std::size_t begin, std::size_t count, const std::string& rows) {
    const ScopedSeconds timer(report.library_seconds.prediction);
    const std::uint64_t* shape = nullptr;
    std::uint64_t dimensions = 0;
    const float* scores = nullptr;
    check(library().predict(booster_.get(), rows.c_str(), xgboost::kPredictionConfig, nullptr, &shape,
                            &dimensions, &scores),
          "to predict");
    std::copy_n(scores, count, out.begin() + static_cast<std::ptrdiff_t>(begin));
  });
  return report;
}

PredictReport XgboostModel::contributions(const Dataset& data, std::span<double> out, int threads) const {
  require_fitted("xgboost", booster_ != nullptr);
  require_explainable_features("xgboost", features_, data, out);
  PredictReport report;
  const int used = threads_for(threads);
  check(library().set_parameter(booster_.get(), "nthread", fmt::format("{}", used).c_str()), "nthread");
  constexpr const char* kConfig =
      R"({"type": 2, "training": false, "iteration_begin": 0, "iteration_end": 0, "strict_shape": false})";
  const auto table_config = fmt::format(R"({{"missing": NaN, "nthread": {}}})", used);
  const std::size_t width = data.feature_count() + 1;
  for_each_block(data, used, [&](std::size_t begin, std::size_t count, const std::string& rows) {
    const ScopedSeconds timer(report.library_seconds.prediction);
    Handle handle = nullptr;
    check(library().create_dense(rows.c_str(), table_config.c_str(), &handle), "rows");
    const Table table(handle);
    const std::uint64_t* shape = nullptr;
    std::uint64_t dimensions = 0;
    const float* values = nullptr;
    check(library().predict_table(booster_.get(), table.get(), kConfig, &shape, &dimensions, &values),
          "to split predictions");
    std::copy_n(values, count * width, out.begin() + static_cast<std::ptrdiff_t>(begin * width));
  });
  return report;
}

void XgboostModel::save(const std::filesystem::path& folder) const {
  require_savable("xgboost", booster_ != nullptr);
  write_model_file(folder, {"xgboost", parameters_, features_, bytes_});
}

void XgboostModel::load(const std::filesystem::path& folder) {
  ModelFile file = read_model_file(folder, "xgboost");
  auto parameters = complete_parameters(file.parameters, xgboost::describe_model().parameters);
  booster_ = xgboost::booster_from_bytes(file.content);
  parameters_ = std::move(parameters);
  features_ = std::move(file.features);
  bytes_ = std::move(file.content);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("xgboost", {xgboost::describe_model(), [](const ParameterMap& parameters) {
                             return std::make_unique<XgboostModel>(parameters);
                           }});
}

}  // namespace orrery::plugins::models::xgboost_plugin
