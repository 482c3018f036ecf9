#include "plugins/models/xgboost/settings.h"

#include <fmt/format.h>

#include <array>
#include <string_view>

#include "orrery/ml/library_seed.h"
#include "orrery/ml/named_features.h"
#include "orrery/ml/session_skill.h"

namespace orrery::plugins::models::xgboost {
namespace {

constexpr double kNoLimit = 2147483647.0;

ParameterInfo integer(const char* name, std::int64_t value, const char* summary, double minimum,
                      double maximum = kNoLimit) {
  return {name, value, summary, minimum, maximum};
}

ParameterInfo number(const char* name, double value, const char* summary, std::optional<double> minimum = 0.0,
                     std::optional<double> maximum = std::nullopt) {
  return {name, value, summary, minimum, maximum};
}

std::vector<ParameterInfo> parameters_of_model() {
  ParameterInfo objective{"objective", std::string("reg:squarederror"), "what is minimised"};
  objective.choices = {"reg:squarederror",  "reg:absoluteerror", "reg:pseudohubererror",
                       "reg:quantileerror", "binary:logistic",   "rank:pairwise",
                       "rank:ndcg",         "rank:map"};
  ParameterInfo growth{"grow_policy", std::string("depthwise"), "which leaf is split next"};
  growth.choices = {"depthwise", "lossguide"};
  return {
      objective,
      {"eval_metric", std::string(), "metric on the validation rows; empty: the objective's own"},
      integer("num_boost_round", 100, "rounds", 1),
      integer("early_stopping_rounds", 0, "rounds without improvement until stopping; 0: never", 0),
      stop_on_setting(),
      {"monotone", std::string(), "factors in which the score may only rise (1) or fall (-1): {NAME: 1, …}"},
      {"categorical", std::string(), "factors whose values are categories, whole numbers from 0: [NAME, …]"},
      integer("max_cat_to_onehot", 4, "categories from which they are split into groups", 1),
      integer("max_cat_threshold", 64, "categories of a group at most", 1),
      number("eta", 0.3, "weight of each tree", 1e-12),
      integer("max_depth", 6, "depth of a tree; 0: no limit", 0, 1024),
      integer("max_leaves", 0, "leaves of a tree; 0: no limit", 0),
      growth,
      number("min_child_weight", 1.0, "sum of hessians of a leaf"),
      number("gamma", 0.0, "loss reduction that a split must bring"),
      number("max_delta_step", 0.0, "bound of a leaf's value; 0: none"),
      number("subsample", 1.0, "share of samples a tree", 1e-12, 1.0),
      number("colsample_bytree", 1.0, "share of features a tree", 1e-12, 1.0),
      number("colsample_bylevel", 1.0, "share of features a level", 1e-12, 1.0),
      number("colsample_bynode", 1.0, "share of features a split", 1e-12, 1.0),
      number("lambda", 1.0, "L2 penalty on leaf values"),
      number("alpha", 0.0, "L1 penalty on leaf values"),
      integer("max_bin", 256, "bins a feature", 2, 65535),
      integer("num_parallel_tree", 1,
              "trees a round; many with shares below 1 and one round: a random forest", 1),
      number("scale_pos_weight", 1.0, "weight of events, for binary"),
      number("quantile_alpha", 0.5, "the quantile, for reg:quantileerror", 0.0, 1.0),
      number("huber_slope", 1.0, "of reg:pseudohubererror", 1e-12),
      integer("relevance_grades", 10, "grades that a session's labels are cut into, for ranking", 2, 31),
      integer("seed", -1, "seed of sampling; -1: the run's", -1),
      integer("nthread", 0, "threads; 0: as many as the run has", 0, 4096)};
}

/// Settings of Orrery's loop around the library; XGBoost never sees them.
bool is_own(std::string_view name) {
  constexpr std::array kNames = {"num_boost_round",  "early_stopping_rounds",
                                 "relevance_grades", "seed",
                                 "nthread",          "stop_on",
                                 "monotone",         "categorical"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

}  // namespace

ModelInfo describe_model() {
  ModelInfo info;
  info.name = "xgboost";
  info.summary = "Gradient boosted trees by histograms";
  info.parameters = parameters_of_model();
  // Source: XGBoost 3.2 documentation, XGBoost Parameters and the scikit-learn interface.
  info.search = {
      {{"num_boost_round", std::int64_t{500}}, {"early_stopping_rounds", std::int64_t{50}}, {"eta", 0.05}},
      {{"eta", TunedParameter::Kind::kReal, 0.005, 0.2, true, {}},
       {"max_depth", TunedParameter::Kind::kInteger, 2, 10, false, {}},
       {"min_child_weight", TunedParameter::Kind::kReal, 1.0, 1000.0, true, {}},
       {"colsample_bytree", TunedParameter::Kind::kReal, 0.3, 1.0, false, {}},
       {"lambda", TunedParameter::Kind::kReal, 1e-2, 1e3, true, {}}}};
  info.aliases = {{"num_iterations", "num_boost_round"},
                  {"n_estimators", "num_boost_round"},
                  {"num_rounds", "num_boost_round"},
                  {"early_stopping", "early_stopping_rounds"},
                  {"learning_rate", "eta"},
                  {"min_split_loss", "gamma"},
                  {"reg_lambda", "lambda"},
                  {"reg_alpha", "alpha"},
                  {"metric", "eval_metric"},
                  {"loss", "objective"},
                  {"random_state", "seed"},
                  {"n_jobs", "nthread"},
                  {"num_threads", "nthread"}};
  info.source = "XGBoost 3.2.0 through its C API, tree method hist; Chen and Guestrin, 2016";
  info.accepts_missing = true;
  return info;
}

Task task_of(const ParameterMap& parameters) {
  const auto& objective = get_string(parameters, "objective");
  if (objective.starts_with("binary:")) return Task::kBinary;
  if (objective.starts_with("rank:")) return Task::kRanking;
  return Task::kRegression;
}

std::vector<std::pair<std::string, std::string>> library_settings(const ParameterMap& parameters,
                                                                  std::uint64_t seed, int threads) {
  const auto& objective = get_string(parameters, "objective");
  std::vector<std::pair<std::string, std::string>> settings = {
      {"tree_method", "hist"},
      {"seed", fmt::format("{}", library_seed(parameters, seed))},
      {"nthread", fmt::format("{}", threads)}};
  for (const auto& [name, value] : parameters) {
    const bool is_empty = std::holds_alternative<std::string>(value) && std::get<std::string>(value).empty();
    if (is_own(name) || is_empty) continue;
    if (name == "quantile_alpha" && objective != "reg:quantileerror") continue;
    if (name == "huber_slope" && objective != "reg:pseudohubererror") continue;
    settings.emplace_back(name, to_string(value));
  }
  return settings;
}

}  // namespace orrery::plugins::models::xgboost
