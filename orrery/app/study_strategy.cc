#include "orrery/app/study_strategy.h"

#include <algorithm>

#include "orrery/app/parse_at.h"
#include "orrery/app/python_classes.h"
#include "orrery/app/study_regimes.h"
#include "orrery/portfolio/scaled_strategy.h"

namespace orrery {

StrategyChoice read_strategy(const ConfigNode* node, ConfigReader& reader, const Plugins& plugins) {
  StrategyChoice choice;
  choice.name = reader.text("strategy", choice.name);
  if (choice.name == "python" && reader.has("class")) choice.parameters = read_python_class(reader, "class");
  const auto* entry = plugins.strategies.find(choice.name);
  if (entry == nullptr) {
    parse_at(reader, "strategy", [&] { plugins.strategies.get(choice.name); });
  } else {
    for (const auto& parameter : entry->info.parameters) reader.node(parameter.name);
  }
  if (node == nullptr || node->kind != ConfigNode::Kind::kMapping) return choice;
  for (const auto& [name, value] : node->entries) {
    if (name != "strategy" && value.kind == ConfigNode::Kind::kScalar) {
      choice.parameters.emplace(name, scalar_value(value));
    }
  }
  if (entry == nullptr) return choice;
  for (const auto& problem : check_parameters(choice.parameters, entry->info.parameters)) {
    const bool known = std::any_of(entry->info.parameters.begin(), entry->info.parameters.end(),
                                   [&](const auto& info) { return info.name == problem.name; });
    if (known) reader.problem(problem.name, problem.message);  // unknown ones are reported by the reader
  }
  return choice;
}

namespace {

/// Returns a limit of the strategy's own, by its setting's name; `fallback` where it has none.
double own_limit(const ParameterMap& parameters, const char* name, double fallback) {
  const auto found = parameters.find(name);
  return found == parameters.end() ? fallback : get_double(parameters, name);
}

}  // namespace

std::optional<SizingSettings> read_sizing(ConfigReader& portfolio, const Study& study,
                                          const Plugins& plugins) {
  if (portfolio.node("sizing") == nullptr) return std::nullopt;
  auto sizing = portfolio.section("sizing");
  const StrategyEntry& strategy = plugins.strategies.get(study.strategy);
  const ParameterMap own = complete_parameters(study.strategy_parameters, strategy.info.parameters);
  SizingSettings settings;
  parse_at(sizing, "confidence", [&] {
    settings.confidence =
        parse_size_confidence(sizing.text("confidence", "none", {"none", "score", "width", "deviation"}));
  });
  const auto read = [&sizing](const char* key, std::optional<double>& value) {
    if (sizing.node(key) != nullptr) value = sizing.number(key, 1.0);
  };
  read("volatility", settings.volatility);
  read("target_volatility", settings.target_volatility);
  read("kelly", settings.kelly);
  settings.coverage = study.intervals.coverage;
  settings.window = static_cast<int>(sizing.integer("window", settings.window, 2));
  settings.sessions_per_year = sessions_per_year(study);
  settings.max_weight = sizing.number("max_weight", own_limit(own, "max_weight", settings.max_weight));
  settings.max_sector = sizing.number("max_sector", own_limit(own, "max_sector", settings.max_sector));
  settings.max_gross = sizing.number(
      "max_gross", own_limit(own, "max_gross", own_limit(own, "gross", strategy.info.gross_limit)));
  parse_at(portfolio, "sizing", [&] { check_sizing(settings); });
  return settings;
}

std::unique_ptr<Strategy> study_strategy(const Study& study, const Plugins& plugins,
                                         const RegimeHistory* regimes) {
  if (!study.regimes && !study.sizing)
    return make_strategy(plugins.strategies, study.strategy, study.strategy_parameters);
  std::vector<ScaledStrategy::Maker> makers;
  const auto add = [&](const std::string& name, const ParameterMap& parameters) {
    makers.push_back([&registry = plugins.strategies, name, parameters] {
      return make_strategy(registry, name, parameters);
    });
  };
  add(study.strategy, study.strategy_parameters);
  if (study.regimes) {
    for (const RegimeTreatment& treatment : study.regimes->treatments) {
      if (treatment.strategy) add(treatment.strategy->name, treatment.strategy->parameters);
    }
  }
  PortfolioGate gate;
  if (regimes != nullptr) gate = regime_gate(*study.regimes, *regimes);
  return std::make_unique<ScaledStrategy>(std::move(makers), std::move(gate),
                                          study.sizing ? make_sizer(*study.sizing) : nullptr);
}

}  // namespace orrery
