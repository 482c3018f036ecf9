#include "orrery/app/study_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "orrery/app/python_classes.h"
#include "orrery/base/error.h"
#include "orrery/ml/ensemble.h"
#include "orrery/ml/named_features.h"

namespace orrery {
namespace {

constexpr const char* kPythonModel = "python";
constexpr const char* kDefaultModel = "lightgbm";
constexpr const char* kDefaultFinalModel = "ridge";
constexpr int kMostSeeds = 50;

/// Adds what the model says against its settings, each at its place under `params`.
void check_settings(ConfigReader& reader, const ModelInfo& info, const ParameterMap& settings,
                    ConfigProblems& problems) {
  for (const auto& problem : check_model_parameters(info, settings)) {
    const auto* params = reader.node("params");
    const auto* node = params == nullptr ? nullptr : params->find(problem.name);
    problems.add(node == nullptr ? reader.mark("params") : node->mark,
                 fmt::format("{}.{}", reader.key_path("params"), problem.name), problem.message);
  }
}

/// Factors that a model's settings name must be among the study's; those of files are known when they are
/// read.
void check_named_factors(ConfigReader& reader, std::string_view key, const ParameterMap& settings,
                         const Study& study) {
  if (!study.factors.files.empty()) return;
  for (const char* setting : {"monotone", "categorical"}) {
    const auto given = settings.find(setting);
    if (given == settings.end() || !std::holds_alternative<std::string>(given->second)) continue;
    for (const auto& named : parse_named_features(setting, std::get<std::string>(given->second))) {
      const auto& all = study.factors.definitions;
      const bool known =
          std::any_of(all.begin(), all.end(), [&](const auto& factor) { return factor.name == named.name; });
      if (!known)
        reader.problem(key,
                       fmt::format("{} names '{}', which is no factor of the study", setting, named.name));
    }
  }
}

/// `{python: FILE.py:CLASS, params: {…}}`: a class of the user's own.
ModelChoice read_python_choice(ConfigReader& reader) {
  ModelChoice choice;
  choice.name = reader.text("name", kPythonModel, {kPythonModel});
  choice.parameters = read_python_class(reader, kPythonModel);
  choice.parameters["task"] = reader.text("task", "regression", {"regression", "binary", "ranking"});
  return choice;
}

/// A model of the registry, or a class of the user's.
ModelChoice read_choice(ConfigReader& reader, const Plugins& plugins, std::string_view fallback,
                        ConfigProblems& problems) {
  if (reader.has(kPythonModel)) return read_python_choice(reader);
  ModelChoice choice{reader.text("name", fallback), reader.parameters("params")};
  if (const auto* entry = plugins.models.find(choice.name)) {
    check_settings(reader, entry->info, choice.parameters, problems);
  } else {
    try {
      plugins.models.get(choice.name);
    } catch (const Error& error) {
      reader.problem("name", error.what());
    }
  }
  return choice;
}

std::vector<std::string> read_patterns(ConfigReader& reader) {
  const auto* node = reader.node("features");
  if (node == nullptr) return {};
  std::vector<std::string> patterns;
  const bool list = node->kind == ConfigNode::Kind::kSequence;
  for (const auto& item : node->items) {
    if (item.kind == ConfigNode::Kind::kScalar) patterns.push_back(item.scalar);
  }
  if (!list || patterns.empty() || patterns.size() != node->items.size()) {
    reader.problem("features", fmt::format("must be a list of names or patterns such as [\"ROC*\", RSV20], "
                                           "found {}",
                                           describe(*node)));
  }
  return patterns;
}

MemberChoice read_member(ConfigReader reader, const Plugins& plugins, ConfigProblems& problems) {
  MemberChoice member{read_choice(reader, plugins, kDefaultModel, problems), read_patterns(reader), 1};
  member.seeds = static_cast<int>(reader.integer("seeds", 1, 1));
  if (member.seeds > kMostSeeds)
    reader.problem("seeds", fmt::format("must be {} at most, found {}", kMostSeeds, member.seeds));
  return member;
}

EnsembleMember member_of(const MemberChoice& choice, const Plugins& plugins) {
  return {plugins.models.get(choice.name), choice.parameters, choice.features, choice.seeds};
}

ModelEntry entry_of(const EnsembleChoice& ensemble, const Plugins& plugins) {
  std::vector<EnsembleMember> members;
  for (const auto& choice : ensemble.members) members.push_back(member_of(choice, plugins));
  return ensemble_entry(std::move(members), member_of({ensemble.final_model, {}, 1}, plugins));
}

/// `{name: ensemble, params: {combine: …}, members: [{name: …, params: …}, …], final: {…}}`.
void read_ensemble(ConfigReader& reader, const Plugins& plugins, ConfigProblems& problems, Study& study) {
  study.model = reader.text("name", kEnsemble);
  study.model_parameters = reader.parameters("params");
  EnsembleChoice ensemble;
  const auto* members = reader.node("members");
  if (members == nullptr || members->kind != ConfigNode::Kind::kSequence || members->items.empty()) {
    reader.problem("members",
                   "an ensemble needs a list of models, such as [{name: lightgbm}, {name: ridge}]");
  } else {
    for (std::size_t i = 0; i < members->items.size(); ++i) {
      ensemble.members.push_back(
          read_member({&members->items[i], fmt::format("{}[{}]", reader.key_path("members"), i), problems},
                      plugins, problems));
    }
  }
  {
    ConfigReader last = reader.section("final");
    ensemble.final_model = read_choice(last, plugins, kDefaultFinalModel, problems);
  }
  if (problems.empty())
    check_settings(reader, entry_of(ensemble, plugins).info, study.model_parameters, problems);
  for (const auto& member : ensemble.members) {
    if (problems.empty()) check_named_factors(reader, "members", member.parameters, study);
  }
  study.ensemble = std::move(ensemble);
}

}  // namespace

void read_model(ConfigReader reader, const Plugins& plugins, ConfigProblems& problems, Study& study) {
  const auto* name = reader.node("name");
  if (name != nullptr && name->scalar == kEnsemble) {
    read_ensemble(reader, plugins, problems, study);
    return;
  }
  ModelChoice choice = read_choice(reader, plugins, kDefaultModel, problems);
  study.model = std::move(choice.name);
  study.model_parameters = std::move(choice.parameters);
  if (problems.empty()) check_named_factors(reader, "params", study.model_parameters, study);
}

ModelEntry study_model(const Study& study, const Plugins& plugins) {
  ModelEntry entry = study.ensemble ? entry_of(*study.ensemble, plugins) : plugins.models.get(study.model);
  return study.calibration ? calibrated_entry(std::move(entry), *study.calibration) : entry;
}

}  // namespace orrery
