#include "orrery/ml/model.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"

namespace orrery {
namespace {

std::string declared_name(const ModelInfo& info, const std::string& given) {
  const auto alias = info.aliases.find(given);
  return alias == info.aliases.end() ? given : alias->second;
}

/// Renames aliases; a setting given under two names goes to `problems`.
ParameterMap rename_aliases(const ModelInfo& info, const ParameterMap& given,
                            std::vector<ParameterProblem>& problems) {
  ParameterMap renamed;
  std::map<std::string, std::string> given_as;
  for (const auto& [name, value] : given) {
    const std::string declared = declared_name(info, name);
    if (!renamed.emplace(declared, value).second) {
      problems.push_back({name, fmt::format("'{}' and '{}' are the same setting of {}; give one", name,
                                            given_as[declared], info.name)});
    }
    given_as.emplace(declared, name);
  }
  return renamed;
}

}  // namespace

PredictReport Model::contributions(const Dataset& /*data*/, std::span<double> /*out*/,
                                   int /*threads*/) const {
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("the {} model can't split its predictions among its features", describe().name));
}

PredictReport Model::deviations(const Dataset& /*data*/, std::span<double> /*out*/, int /*threads*/) const {
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("the {} model can't say how unsure its scores are", describe().name));
}

std::vector<ParameterProblem> check_model_parameters(const ModelInfo& info, const ParameterMap& given) {
  std::vector<ParameterProblem> problems;
  const auto renamed = rename_aliases(info, given, problems);
  const auto further = check_parameters(renamed, info.parameters);
  problems.insert(problems.end(), further.begin(), further.end());
  return problems;
}

ParameterMap resolve_model_parameters(const ModelInfo& info, const ParameterMap& given) {
  const auto problems = check_model_parameters(info, given);
  if (!problems.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("model {}: {}", info.name, problems.front().message));
  }
  std::vector<ParameterProblem> none;
  return rename_aliases(info, given, none);
}

std::unique_ptr<Model> make_model(const ModelEntry& entry, const ParameterMap& given) {
  return entry.factory(resolve_model_parameters(entry.info, given));
}

}  // namespace orrery
