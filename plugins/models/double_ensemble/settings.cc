#include "plugins/models/double_ensemble/settings.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include "orrery/base/error.h"
#include "plugins/models/lightgbm/parameters.h"

namespace orrery::plugins::models::double_ensemble {
namespace {

/// Settings of LightGBM for other losses than squares, or other ways to boost.
constexpr std::array<std::string_view, 11> kOfOtherLosses{"objective",
                                                          "boosting",
                                                          "alpha",
                                                          "fair_c",
                                                          "sigmoid",
                                                          "scale_pos_weight",
                                                          "drop_rate",
                                                          "is_unbalance",
                                                          "drop_seed",
                                                          "relevance_grades",
                                                          "lambdarank_truncation_level"};

bool is_for_squares(std::string_view name) {
  return std::find(kOfOtherLosses.begin(), kOfOtherLosses.end(), name) == kOfOtherLosses.end();
}

std::vector<ParameterInfo> own_parameters() {
  return {
      {"num_models", std::int64_t{6}, "sub-models", 1.0, 100.0},
      {"enable_sr", true, "weigh samples anew for each sub-model"},
      {"enable_fs", true, "choose features anew for each sub-model"},
      {"alpha1", 1.0, "how much the ensemble's loss of a sample counts for its weight", 0.0, std::nullopt},
      {"alpha2", 1.0, "how much its learning curve counts", 0.0, std::nullopt},
      {"bins_sr", std::int64_t{10}, "bins of samples that share a weight", 1.0, 1000.0},
      {"bins_fs", std::int64_t{5}, "bins of features that are drawn from alike", 1.0, 1000.0},
      {"decay", 0.5, "how fast samples' weights become alike from sub-model to sub-model", 0.0, 1.0},
      {"sample_ratios", std::string("0.8, 0.7, 0.6, 0.5, 0.4"),
       "share of the features kept, by bin, the most useful first: [NUMBER, …]"},
      {"sub_weights", std::string(), "what sub-models weigh: [NUMBER, …]; empty: all the same"}};
}

std::vector<double> read_list(const ParameterMap& parameters, const char* name, std::size_t count) {
  const std::string& text = get_string(parameters, name);
  std::vector<double> values;
  const char* next = text.c_str();
  while (true) {
    char* end = nullptr;
    const double value = std::strtod(next, &end);
    if (end == next || !std::isfinite(value) || value < 0.0) break;
    values.push_back(value);
    next = end + std::string_view(end).find_first_not_of(' ') * static_cast<std::size_t>(*end == ' ');
    if (*next != ',') break;
    ++next;
  }
  if (values.size() == count && *next == '\0') return values;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("{} must be a list of {} numbers from 0, such as [1, 0.5], found [{}]", name, count, text));
}

}  // namespace

ModelInfo describe_model() {
  const ModelInfo trees = lightgbm::describe_model();
  ModelInfo info;
  info.name = "double_ensemble";
  info.summary = "Boosted trees, one after the other on samples weighed and features chosen anew";
  info.parameters = own_parameters();
  for (const auto& parameter : trees.parameters) {
    if (is_for_squares(parameter.name)) info.parameters.push_back(parameter);
  }
  for (const auto& [alias, name] : trees.aliases) {
    if (is_for_squares(name)) info.aliases.emplace(alias, name);
  }
  info.aliases.emplace("epochs", "num_iterations");
  info.source = "Zhang et al., 2020, arXiv 2010.01265, as qlib's DEnsembleModel; LightGBM 4.7.0";
  info.accepts_missing = true;
  return info;
}

Settings read_settings(const ParameterMap& parameters) {
  Settings settings;
  settings.models = static_cast<int>(get_integer(parameters, "num_models"));
  settings.reweights = get_bool(parameters, "enable_sr");
  settings.selects = get_bool(parameters, "enable_fs");
  settings.alpha1 = get_double(parameters, "alpha1");
  settings.alpha2 = get_double(parameters, "alpha2");
  settings.bins_of_samples = static_cast<int>(get_integer(parameters, "bins_sr"));
  settings.bins_of_features = static_cast<int>(get_integer(parameters, "bins_fs"));
  settings.decay = get_double(parameters, "decay");
  settings.sample_ratios =
      read_list(parameters, "sample_ratios", static_cast<std::size_t>(settings.bins_of_features));
  for (const double ratio : settings.sample_ratios) {
    if (ratio > 0.0 && ratio <= 1.0) continue;
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("sample_ratios must be above 0 and at most 1, found {}", ratio));
  }
  const auto models = static_cast<std::size_t>(settings.models);
  settings.sub_weights = get_string(parameters, "sub_weights").empty()
                             ? std::vector<double>(models, 1.0)
                             : read_list(parameters, "sub_weights", models);
  if (settings.sub_weights.front() <= 0.0) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("sub_weights must begin above 0, since the first sub-model stands alone at "
                                 "first, found {}",
                                 settings.sub_weights.front()));
  }
  return settings;
}

ParameterMap tree_settings(const ParameterMap& parameters) {
  ParameterMap trees;
  for (const auto& declared : lightgbm::describe_model().parameters) {
    if (const auto given = parameters.find(declared.name); given != parameters.end()) trees.insert(*given);
  }
  return complete_parameters(trees, lightgbm::describe_model().parameters);
}

}  // namespace orrery::plugins::models::double_ensemble
