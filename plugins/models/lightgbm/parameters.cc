#include "plugins/models/lightgbm/parameters.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

#include "orrery/base/threads.h"
#include "orrery/ml/library_seed.h"
#include "orrery/ml/named_features.h"
#include "orrery/ml/session_skill.h"

namespace orrery::plugins::models::lightgbm {
namespace {

/// Settings of Orrery's loop around the library; LightGBM never sees them.
bool is_own(std::string_view name) {
  return name == "num_iterations" || name == "early_stopping_round" || name == "num_threads" ||
         name == "seed" || name == "relevance_grades" || name == "stop_on" || name == "monotone" ||
         name == "categorical";
}

ParameterInfo integer(const char* name, std::int64_t value, const char* summary, double minimum,
                      double maximum) {
  return {name, value, summary, minimum, maximum};
}

ParameterInfo number(const char* name, double value, const char* summary, std::optional<double> minimum,
                     std::optional<double> maximum) {
  return {name, value, summary, minimum, maximum};
}

constexpr double kNoLimit = 2147483647.0;

std::vector<ParameterInfo> learning_parameters() {
  ParameterInfo objective{"objective", std::string("regression"), "what is minimised"};
  objective.choices = {"regression", "mse",  "l2",       "mae",    "l1",        "regression_l1",
                       "huber",      "fair", "quantile", "binary", "lambdarank"};
  ParameterInfo boosting{"boosting", std::string("gbdt"), "how trees are combined"};
  boosting.choices = {"gbdt", "dart", "rf"};
  return {
      objective,
      {"metric", std::string(), "metrics on the validation rows, by comma; empty: the objective's own"},
      boosting,
      integer("num_iterations", 100, "rounds", 1, kNoLimit),
      integer("early_stopping_round", 0, "rounds without improvement until stopping; 0: never", 0, kNoLimit),
      stop_on_setting(),
      number("learning_rate", 0.1, "weight of each tree", 1e-12, std::nullopt),
      integer("num_threads", 0, "threads; 0: as many as the run has", 0, 4096),
      integer("seed", -1, "seed of bagging and sampling; -1: the run's", -1, kNoLimit),
      number("alpha", 0.9, "of huber and quantile", 0.0, std::nullopt),
      number("fair_c", 1.0, "of fair", 0.0, std::nullopt),
      number("sigmoid", 1.0, "of binary and lambdarank", 0.0, std::nullopt),
      number("scale_pos_weight", 1.0, "weight of events, for binary", 0.0, std::nullopt),
      {"is_unbalance", false, "balance the classes, for binary"},
      integer("lambdarank_truncation_level", 30, "pairs looked at from the top, for lambdarank", 1, kNoLimit),
      integer("relevance_grades", 10, "grades that a session's labels are cut into, for lambdarank", 2, 31)};
}

std::vector<ParameterInfo> tree_parameters() {
  ParameterInfo method{"monotone_constraints_method", std::string("basic"), "how monotone is kept to"};
  method.choices = {"basic", "intermediate", "advanced"};
  return {
      integer("num_leaves", 31, "leaves of a tree", 2, 131072),
      integer("max_depth", -1, "depth of a tree; below 1: no limit", -1, kNoLimit),
      integer("min_data_in_leaf", 20, "samples of a leaf", 0, kNoLimit),
      number("min_sum_hessian_in_leaf", 1e-3, "sum of hessians of a leaf", 0.0, std::nullopt),
      number("bagging_fraction", 1.0, "share of samples a bag", 1e-12, 1.0),
      integer("bagging_freq", 0, "rounds between bags; 0: no bagging", 0, kNoLimit),
      number("feature_fraction", 1.0, "share of features a tree", 1e-12, 1.0),
      number("feature_fraction_bynode", 1.0, "share of features a split", 1e-12, 1.0),
      number("lambda_l1", 0.0, "L1 penalty on leaf values", 0.0, std::nullopt),
      number("lambda_l2", 0.0, "L2 penalty on leaf values", 0.0, std::nullopt),
      number("min_gain_to_split", 0.0, "loss reduction that a split must bring", 0.0, std::nullopt),
      number("max_delta_step", 0.0, "bound of a leaf's value; 0: none", std::nullopt, std::nullopt),
      number("path_smooth", 0.0, "pull of a leaf towards its parent", 0.0, std::nullopt),
      {"monotone", std::string(), "factors in which the score may only rise (1) or fall (-1): {NAME: 1, …}"},
      method,
      {"categorical", std::string(), "factors whose values are categories, whole numbers from 0: [NAME, …]"},
      number("cat_smooth", 10.0, "pull of rare categories to the mean", 0.0, std::nullopt),
      number("cat_l2", 10.0, "L2 penalty on categories", 0.0, std::nullopt),
      integer("max_cat_to_onehot", 4, "categories up to which each is split off alone", 1, kNoLimit),
      {"extra_trees", false, "one random threshold a feature"},
      number("drop_rate", 0.1, "share of trees dropped, for dart", 0.0, 1.0),
      integer("max_bin", 255, "bins a feature", 2, 65535),
      integer("min_data_in_bin", 3, "samples a bin", 1, kNoLimit),
      integer("bin_construct_sample_cnt", 200000, "samples that decide the bins", 1, kNoLimit),
      {"feature_pre_filter", true, "leave out features that min_data_in_leaf forbids to split"},
      {"enable_bundle", true, "bundle exclusive sparse features"}};
}

/// LightGBM's single seeds. One that is given stands over what LightGBM derives from `seed`.
std::vector<ParameterInfo> seed_parameters() {
  return {integer("data_random_seed", -1, "of the sample that decides the bins; -1: from seed", -1, kNoLimit),
          integer("feature_fraction_seed", -1, "of the choice of features; -1: from seed", -1, kNoLimit),
          integer("bagging_seed", -1, "of the bags; -1: from seed", -1, kNoLimit),
          integer("drop_seed", -1, "of dropped trees, for dart; -1: from seed", -1, kNoLimit),
          integer("extra_seed", -1, "of random thresholds, for extra_trees; -1: from seed", -1, kNoLimit)};
}

bool is_derived_seed(std::string_view name, const ParameterValue& value) {
  const auto* number = std::get_if<std::int64_t>(&value);
  return name.ends_with("_seed") && number != nullptr && *number < 0;
}

/// Source: LightGBM 4.7 documentation, Parameters.rst.
std::map<std::string, std::string, std::less<>> library_aliases() {
  return {{"loss", "objective"},
          {"application", "objective"},
          {"metrics", "metric"},
          {"boosting_type", "boosting"},
          {"num_boost_round", "num_iterations"},
          {"num_round", "num_iterations"},
          {"num_rounds", "num_iterations"},
          {"num_iteration", "num_iterations"},
          {"num_trees", "num_iterations"},
          {"n_estimators", "num_iterations"},
          {"max_iter", "num_iterations"},
          {"early_stopping", "early_stopping_round"},
          {"early_stopping_rounds", "early_stopping_round"},
          {"n_iter_no_change", "early_stopping_round"},
          {"eta", "learning_rate"},
          {"shrinkage_rate", "learning_rate"},
          {"n_jobs", "num_threads"},
          {"nthread", "num_threads"},
          {"random_state", "seed"},
          {"random_seed", "seed"},
          {"max_leaves", "num_leaves"},
          {"max_leaf", "num_leaves"},
          {"min_child_samples", "min_data_in_leaf"},
          {"min_data", "min_data_in_leaf"},
          {"min_child_weight", "min_sum_hessian_in_leaf"},
          {"min_sum_hessian", "min_sum_hessian_in_leaf"},
          {"subsample", "bagging_fraction"},
          {"sub_row", "bagging_fraction"},
          {"bagging", "bagging_fraction"},
          {"subsample_freq", "bagging_freq"},
          {"colsample_bytree", "feature_fraction"},
          {"sub_feature", "feature_fraction"},
          {"colsample_bynode", "feature_fraction_bynode"},
          {"monotone_constraining_method", "monotone_constraints_method"},
          {"mc_method", "monotone_constraints_method"},
          {"reg_alpha", "lambda_l1"},
          {"l1_regularization", "lambda_l1"},
          {"reg_lambda", "lambda_l2"},
          {"lambda", "lambda_l2"},
          {"l2_regularization", "lambda_l2"},
          {"min_split_gain", "min_gain_to_split"},
          {"max_bins", "max_bin"},
          {"subsample_for_bin", "bin_construct_sample_cnt"},
          {"unbalance", "is_unbalance"}};
}

std::string one_parameter(const std::string& name, const ParameterValue& value) {
  return fmt::format(" {}={}", name, to_string(value));
}

}  // namespace

ModelInfo describe_model() {
  ModelInfo info;
  info.name = "lightgbm";
  info.summary = "Gradient boosted trees";
  info.parameters = learning_parameters();
  const auto trees = tree_parameters();
  info.parameters.insert(info.parameters.end(), trees.begin(), trees.end());
  const auto seeds = seed_parameters();
  info.parameters.insert(info.parameters.end(), seeds.begin(), seeds.end());
  info.aliases = library_aliases();
  info.source = "LightGBM 4.7.0 through its C API; Ke et al., 2017";
  info.accepts_missing = true;
  info.search = {{{"num_iterations", std::int64_t{500}},
                  {"early_stopping_round", std::int64_t{50}},
                  {"learning_rate", 0.05}},
                 {{"learning_rate", TunedParameter::Kind::kReal, 0.005, 0.2, true, {}},
                  {"num_leaves", TunedParameter::Kind::kInteger, 4, 256, true, {}},
                  {"min_data_in_leaf", TunedParameter::Kind::kInteger, 20, 2000, true, {}},
                  {"feature_fraction", TunedParameter::Kind::kReal, 0.3, 1.0, false, {}},
                  {"lambda_l2", TunedParameter::Kind::kReal, 1e-3, 1e3, true, {}}}};
  return info;
}

Task task_of(const ParameterMap& parameters) {
  const auto& objective = get_string(parameters, "objective");
  if (objective == "binary") return Task::kBinary;
  if (objective == "lambdarank") return Task::kRanking;
  return Task::kRegression;
}

std::string feature_parameters(const ParameterMap& parameters, const std::vector<std::string>& features) {
  std::string text;
  const auto signs = values_by_feature(parameters, "monotone", features);
  if (std::any_of(signs.begin(), signs.end(), [](int sign) { return sign != 0; }))
    text += fmt::format(" monotone_constraints={}", fmt::join(signs, ","));
  std::vector<std::size_t> categories;
  const auto marked = values_by_feature(parameters, "categorical", features);
  for (std::size_t f = 0; f < marked.size(); ++f) {
    if (marked[f] != 0) categories.push_back(f);
  }
  if (!categories.empty()) text += fmt::format(" categorical_feature={}", fmt::join(categories, ","));
  return text;
}

std::string library_parameters(const ParameterMap& parameters, std::uint64_t seed, int threads) {
  std::string text = fmt::format("deterministic=true force_col_wise=true verbosity=-1 seed={} num_threads={}",
                                 library_seed(parameters, seed), resolve_threads(threads));
  for (const auto& [name, value] : parameters) {
    const bool empty = std::holds_alternative<std::string>(value) && std::get<std::string>(value).empty();
    if (!is_own(name) && !empty && !is_derived_seed(name, value)) text += one_parameter(name, value);
  }
  return text;
}

}  // namespace orrery::plugins::models::lightgbm
