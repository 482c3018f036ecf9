#include "orrery/app/study_tuning.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/app/study_model.h"
#include "orrery/base/error.h"
#include "orrery/ml/tuning/pruner.h"
#include "orrery/ml/tuning/samplers/samplers.h"

namespace orrery {
namespace {

using Kind = TunedParameter::Kind;

constexpr const char* kAllowedRanges =
    "must be one of {uniform: [low, high]}, {log_uniform: [low, high]}, {integer: [low, high]}, "
    "{log_integer: "
    "[low, high]}, {choice: [a, b, …]}";

double bound_of(const ConfigNode& node) {
  const auto value = scalar_value(node);
  if (const auto* whole = std::get_if<std::int64_t>(&value)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&value)) return *real;
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("a bound must be a number, found {}", describe(node)));
}

TunedParameter range_of(const std::string& name, const std::string& kind, const ConfigNode& values) {
  TunedParameter parameter{name};
  if (kind == "choice") {
    parameter.kind = Kind::kChoice;
    for (const auto& item : values.items) parameter.choices.push_back(scalar_value(item));
    return parameter;
  }
  parameter.kind = kind == "integer" || kind == "log_integer" ? Kind::kInteger : Kind::kReal;
  parameter.logarithmic = kind == "log_uniform" || kind == "log_integer";
  if (values.items.size() != 2)
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("must have two bounds, found {}", values.items.size()));
  parameter.low = bound_of(values.items[0]);
  parameter.high = bound_of(values.items[1]);
  return parameter;
}

TunedParameter read_parameter(const std::string& name, const ConfigNode& node) {
  const bool one = node.kind == ConfigNode::Kind::kMapping && node.entries.size() == 1 &&
                   node.entries.front().second.kind == ConfigNode::Kind::kSequence;
  static const std::vector<std::string> kinds = {"uniform", "log_uniform", "integer", "log_integer",
                                                 "choice"};
  if (!one || std::find(kinds.begin(), kinds.end(), node.entries.front().first) == kinds.end())
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{}, found {}", kAllowedRanges, describe(node)));
  auto parameter = range_of(name, node.entries.front().first, node.entries.front().second);
  check_space({parameter});
  return parameter;
}

/// The ends of a range, and every choice.
std::vector<double> extremes_of(const TunedParameter& parameter) {
  if (parameter.numeric()) return {parameter.low, parameter.high};
  std::vector<double> all;
  for (std::size_t i = 0; i < parameter.choices.size(); ++i) all.push_back(static_cast<double>(i));
  return all;
}

/// What the model says of the values; only of this parameter, as the rest was checked.
void check_with_model(const TunedParameter& parameter, const ModelInfo& info, const ParameterMap& given) {
  for (const double value : extremes_of(parameter)) {
    ParameterMap settings = given;
    settings[parameter.name] = setting_of(parameter, value);
    for (const auto& problem : check_model_parameters(info, settings)) {
      if (problem.name == parameter.name) throw user_error(ErrorCode::kInvalidArgument, problem.message);
    }
  }
}

/// Nothing for a model that nobody knows, which has been said at its place.
std::optional<ModelInfo> known_info(const Study& study, const Plugins& plugins) {
  try {
    return study_model(study, plugins).info;
  } catch (const Error&) {
    return std::nullopt;
  }
}

}  // namespace

SearchSpace read_search_space(const ConfigReader& at, std::string_view key, const ConfigNode& node,
                              const ModelInfo* info, const ParameterMap& given, ConfigProblems& problems) {
  SearchSpace space;
  for (const auto& [name, range] : node.entries) {
    try {
      space.push_back(read_parameter(name, range));
      if (info != nullptr) check_with_model(space.back(), *info, given);
    } catch (const Error& error) {
      problems.add(range.mark, at.key_path(fmt::format("{}.{}", key, name)), error.what());
    }
  }
  return space;
}

std::optional<TuneChoice> read_tuning(ConfigReader& root, const Study& study, const Plugins& plugins,
                                      ConfigProblems& problems) {
  const bool wanted = root.has("tune");
  ConfigReader tune = root.section("tune");
  TuneChoice choice;
  choice.trials = static_cast<int>(tune.integer("trials", choice.trials, 1));
  choice.minutes = tune.number("minutes", 0.0, 0.0);
  choice.sampler = tune.text("sampler", choice.sampler, sampler_names());
  choice.pruner = tune.text("pruner", choice.pruner, pruner_names());
  choice.objective = tune.text("objective", choice.objective, {"rank_ic", "ic", "loss"});
  choice.folds = static_cast<int>(tune.integer("folds", choice.folds, 1));
  const ConfigNode* parameters = tune.node("parameters");
  choice.nested = tune.boolean("nested", false);
  if (choice.nested && !study.families.empty())
    tune.problem("nested",
                 "the model auto chooses its settings in every fold already; leave one of them out");
  if (parameters != nullptr && parameters->kind == ConfigNode::Kind::kMapping) {
    const auto info = known_info(study, plugins);
    choice.space = read_search_space(tune, "parameters", *parameters, info ? &*info : nullptr,
                                     study.model_parameters, problems);
  }
  if (!wanted) return std::nullopt;
  if (parameters == nullptr || parameters->kind != ConfigNode::Kind::kMapping || parameters->entries.empty())
    tune.problem("parameters",
                 "a tuning needs settings of the model with their ranges, such as "
                 "{learning_rate: {log_uniform: [0.01, 0.3]}}");
  return choice;
}

}  // namespace orrery
