#include "orrery/app/study_model.h"

#include <fmt/format.h>

#include <algorithm>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "orrery/app/python_classes.h"
#include "orrery/app/study_tuning.h"
#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/ml/ensemble.h"
#include "orrery/ml/factor_model.h"
#include "orrery/ml/meta_model.h"
#include "orrery/ml/named_features.h"
#include "orrery/ml/searched_model.h"

namespace orrery {
namespace {

constexpr const char* kPythonModel = "python";
constexpr const char* kDefaultModel = "lightgbm";
constexpr const char* kDefaultFinalModel = "ridge";
constexpr int kMostSeeds = 50;

/// What is said against the factors that a model's settings name, unless they are among `factors`.
std::vector<std::string> unknown_factors(const ParameterMap& settings,
                                         const std::vector<std::string>& factors) {
  std::vector<std::string> problems;
  for (const char* setting : {"monotone", "categorical"}) {
    const auto given = settings.find(setting);
    if (given == settings.end() || !std::holds_alternative<std::string>(given->second)) continue;
    for (const auto& named : parse_named_features(setting, std::get<std::string>(given->second))) {
      if (std::find(factors.begin(), factors.end(), named.name) != factors.end()) continue;
      problems.push_back(fmt::format("{} names '{}', which is no factor of the study{}", setting, named.name,
                                     did_you_mean(named.name, factors)));
    }
  }
  return problems;
}

/// Factors that a model's settings name must be among the study's; those of files are known when they are
/// read (require_named_factors).
void check_named_factors(ConfigReader& reader, std::string_view key, const ParameterMap& settings,
                         const Study& study) {
  if (!study.factors.files.empty()) return;
  std::vector<std::string> factors;
  for (const auto& definition : study.factors.definitions) factors.push_back(definition.name);
  try {
    for (const auto& problem : unknown_factors(settings, factors)) reader.problem(key, problem);
  } catch (const Error& error) {  // said with the study's other problems, at its place
    reader.problem(key, error.what());
  }
}

/// The settings of all models that the study's factors are fed to.
std::vector<const ParameterMap*> all_settings(const Study& study) {
  std::vector<const ParameterMap*> all = {&study.model_parameters, &study.intervals.model.parameters};
  for (const auto& family : study.families) all.push_back(&family.parameters);
  if (study.meta) all.insert(all.end(), {&study.meta->primary.parameters, &study.meta->secondary.parameters});
  if (!study.ensemble) return all;
  for (const auto& member : study.ensemble->members) all.push_back(&member.parameters);
  return all;
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

ModelEntry entry_of(const MetaChoice& meta, const Plugins& plugins) {
  const auto part = [&](const ModelChoice& choice) {
    return MetaPart{plugins.models.get(choice.name), choice.parameters};
  };
  return meta_entry(part(meta.primary), part(meta.secondary));
}

/// One of a meta model's two; what it must say stands beside what it is.
ModelChoice read_part(ConfigReader reader, const Plugins& plugins, Task task, const ModelChoice& fallback,
                      ConfigProblems& problems) {
  ModelChoice choice = read_choice(reader, plugins, fallback.name, problems);
  if (!reader.has("name") && !reader.has(kPythonModel) && choice.parameters.empty())
    choice.parameters = fallback.parameters;
  if (!problems.empty()) return choice;
  if (make_model(plugins.models.get(choice.name), choice.parameters)->describe().task != task) {
    reader.problem("name", task == Task::kBinary
                               ? "must be a model of probabilities, such as logistic, or lightgbm with "
                                 "objective: binary"
                               : "must be a model of estimates, by whose sign it takes sides");
  }
  return choice;
}

/// `{name: meta, params: {score: …}, primary: {name: …}, secondary: {name: …}}`.
void read_meta(ConfigReader& reader, const Plugins& plugins, ConfigProblems& problems, Study& study) {
  study.model = reader.text("name", kMeta);
  study.model_parameters = reader.parameters("params");
  MetaChoice meta;
  meta.primary =
      read_part(reader.section("primary"), plugins, Task::kRegression, {kDefaultModel, {}}, problems);
  meta.secondary = read_part(reader.section("secondary"), plugins, Task::kBinary,
                             {kDefaultModel, {{"objective", std::string("binary")}}}, problems);
  if (problems.empty())
    check_settings(reader, entry_of(meta, plugins).info, study.model_parameters, problems);
  for (const auto* part : {&meta.primary, &meta.secondary}) {
    if (problems.empty())
      check_named_factors(reader, part == &meta.primary ? "primary" : "secondary", part->parameters, study);
  }
  study.meta = std::move(meta);
}

/// `{name: factor, params: {factor: NAME}}`: a rule instead of a model.
void read_factor_model(ConfigReader& reader, ConfigProblems& problems, Study& study) {
  study.model = reader.text("name", kFactorModel);
  study.model_parameters = reader.parameters("params");
  check_settings(reader, factor_entry().info, study.model_parameters, problems);
}

ModelEntry automatic_entry(const Study& study, const Plugins& plugins) {
  std::vector<SearchFamily> families;
  for (const auto& family : study.families)
    families.push_back({plugins.models.get(family.name), family.parameters, family.space});
  return auto_entry(std::move(families));
}

/// Makes a family learn events, where it can.
void learn_events(const ModelInfo& info, ParameterMap& parameters) {
  for (const auto& parameter : info.parameters) {
    for (const auto& choice : parameter.choices) {
      if (choice.starts_with("binary")) parameters.try_emplace(parameter.name, choice);
    }
  }
}

/// A family as the search begins with it: its own defaults for that under what a study gives.
FamilyChoice family_of(const ModelEntry& entry, const ParameterMap& given, const Study& study) {
  FamilyChoice family;
  family.name = entry.info.name;
  const ParameterMap fixed = resolve_model_parameters(entry.info, given);
  family.parameters = fixed;
  for (const auto& [name, value] : entry.info.search.settings) family.parameters.try_emplace(name, value);
  if (study.label.is_event()) learn_events(entry.info, family.parameters);
  for (const auto& parameter : entry.info.search.space) {
    if (!fixed.contains(parameter.name)) family.space.push_back(parameter);
  }
  return family;
}

/// Whether its scores mean what the study's label asks for.
bool suits(const ModelEntry& entry, const FamilyChoice& family, const Study& study) {
  return (make_model(entry, family.parameters)->describe().task == Task::kBinary) == study.label.is_event();
}

void read_family(const ConfigNode& node, const std::string& path, const Plugins& plugins,
                 ConfigProblems& problems, Study& study) {
  const bool plain = node.kind == ConfigNode::Kind::kScalar;
  ConfigReader reader(plain ? nullptr : &node, path, problems);
  const std::string name = plain ? node.scalar : reader.required_text("name");
  const ParameterMap given = reader.parameters("params");
  const ConfigNode* search = reader.node("search");
  const auto* entry = plugins.models.find(name);
  if (entry == nullptr) {
    try {
      plugins.models.get(name);
    } catch (const Error& error) {
      problems.add(node.mark, path, error.what());
    }
    return;
  }
  for (const auto& other : study.families) {
    if (other.name == name)
      problems.add(node.mark, path, fmt::format("'{}' is among the families twice", name));
  }
  check_settings(reader, entry->info, given, problems);
  if (!problems.empty()) return;
  FamilyChoice family = family_of(*entry, given, study);
  if (search != nullptr)
    family.space = read_search_space(reader, "search", *search, &entry->info, family.parameters, problems);
  if (!suits(*entry, family, study)) {
    problems.add(node.mark, path,
                 study.label.is_event()
                     ? fmt::format("a label of 0 and 1 needs models of probabilities; '{}' is none", name)
                     : fmt::format("'{}' is a model of probabilities, which needs a label of 0 and 1", name));
  }
  study.families.push_back(std::move(family));
}

/// `{name: auto, params: {…}, families: [ridge, {name: lightgbm, params: {…}, search: {…}}]}`.
void read_automatic(ConfigReader& reader, const Plugins& plugins, ConfigProblems& problems, Study& study) {
  study.model = reader.text("name", kAuto);
  study.model_parameters = reader.parameters("params");
  const auto* families = reader.node("families");
  if (families == nullptr) {
    for (const auto& name : plugins.models.names()) {
      const auto& entry = plugins.models.get(name);
      FamilyChoice family = family_of(entry, {}, study);
      if (!family.space.empty() && suits(entry, family, study)) study.families.push_back(std::move(family));
    }
    if (study.families.empty()) reader.problem("families", "no model says what may be searched for");
  } else if (families->kind != ConfigNode::Kind::kSequence || families->items.empty()) {
    reader.problem("families", "must be a list of models, such as [ridge, lightgbm]");
  } else {
    for (std::size_t i = 0; i < families->items.size(); ++i)
      read_family(families->items[i], fmt::format("{}[{}]", reader.key_path("families"), i), plugins,
                  problems, study);
  }
  if (!study.families.empty())
    check_settings(reader, automatic_entry(study, plugins).info, study.model_parameters, problems);
}

SettingsSearch nested_search(const TuneChoice& tune) {
  SettingsSearch search;
  search.trials = tune.trials;
  search.minutes = tune.minutes;
  search.sampler = tune.sampler;
  search.pruner = tune.pruner;
  search.objective = tune.objective;
  search.folds = tune.folds;
  return search;
}

ModelEntry uncalibrated_entry(const Study& study, const Plugins& plugins) {
  if (study.ensemble) return entry_of(*study.ensemble, plugins);
  if (study.meta) return entry_of(*study.meta, plugins);
  if (!study.families.empty()) return automatic_entry(study, plugins);
  if (study.model == kFactorModel) return factor_entry();
  return plugins.models.get(study.model);
}

ModelEntry calibrated_by(const Study& study, ModelEntry entry) {
  return study.calibration ? calibrated_entry(std::move(entry), *study.calibration) : entry;
}

}  // namespace

void add_setting_problem(ConfigReader& reader, const std::string& setting, const std::string& message,
                         ConfigProblems& problems) {
  const auto* params = reader.node("params");
  const auto* node = params == nullptr ? nullptr : params->find(setting);
  problems.add(node == nullptr ? reader.mark("params") : node->mark,
               fmt::format("{}.{}", reader.key_path("params"), setting), message);
}

void check_settings(ConfigReader& reader, const ModelInfo& info, const ParameterMap& settings,
                    ConfigProblems& problems) {
  for (const auto& problem : check_model_parameters(info, settings))
    add_setting_problem(reader, problem.name, problem.message, problems);
}

void read_model(ConfigReader reader, const Plugins& plugins, ConfigProblems& problems, Study& study) {
  const auto* name = reader.node("name");
  if (name != nullptr && name->scalar == kEnsemble) {
    read_ensemble(reader, plugins, problems, study);
    return;
  }
  if (name != nullptr && name->scalar == kMeta) {
    read_meta(reader, plugins, problems, study);
    return;
  }
  if (name != nullptr && name->scalar == kAuto) {
    read_automatic(reader, plugins, problems, study);
    return;
  }
  if (name != nullptr && name->scalar == kFactorModel) {
    read_factor_model(reader, problems, study);
    return;
  }
  ModelChoice choice = read_choice(reader, plugins, kDefaultModel, problems);
  study.model = std::move(choice.name);
  study.model_parameters = std::move(choice.parameters);
  if (problems.empty()) check_named_factors(reader, "params", study.model_parameters, study);
}

void require_named_factors(const Study& study, const std::vector<std::string>& factors) {
  for (const auto* settings : all_settings(study)) {
    const auto problems = unknown_factors(*settings, factors);
    if (!problems.empty())
      throw user_error(ErrorCode::kInvalidArgument, fmt::format("model: {}", problems.front()));
  }
}

ModelEntry study_model(const Study& study, const Plugins& plugins) {
  ModelEntry entry = uncalibrated_entry(study, plugins);
  if (study.tune && study.tune->nested)
    entry = tuned_entry(std::move(entry), study.tune->space, nested_search(*study.tune));
  return calibrated_by(study, std::move(entry));
}

ModelEntry settled_model(const Study& study, const Plugins& plugins) {
  return calibrated_by(study, uncalibrated_entry(study, plugins));
}

}  // namespace orrery
