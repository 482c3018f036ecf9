#include "orrery/app/study_regimes.h"

#include <fmt/format.h>

#include "orrery/app/parse_at.h"
#include "orrery/app/study_strategy.h"
#include "orrery/base/error.h"
#include "orrery/base/interned_text.h"
#include "orrery/base/spelling.h"
#include "orrery/market/calendar.h"

namespace orrery {
namespace {

constexpr double kSessionsOfFile = 252.0;

std::vector<RegimeCondition> read_conditions(const ConfigNode* node, const std::string& path,
                                             ConfigProblems& problems) {
  std::vector<RegimeCondition> conditions;
  if (node == nullptr) return conditions;
  ConfigReader reader(node, path, problems);
  if (node->kind != ConfigNode::Kind::kMapping) {
    problems.add(
        node->mark, path,
        fmt::format("must be a mapping such as {{volatility: {{above: 0.2}}}}, found {}", describe(*node)));
    return conditions;
  }
  for (const auto& [name, value] : node->entries) {
    auto limits = reader.section(name);
    RegimeCondition condition;
    parse_at(reader, name, [&] { condition.input = parse_regime_input(name); });
    if (!limits.has("above") && !limits.has("below")) limits.problem("above", "is missing, and so is below");
    condition.above = limits.number("above", condition.above);
    condition.below = limits.number("below", condition.below);
    conditions.push_back(condition);
  }
  return conditions;
}

void read_states(ConfigReader& regimes, const Plugins& plugins, ConfigProblems& problems,
                 RegimeChoice& choice) {
  const ConfigNode* states = regimes.node("states");
  if (states == nullptr || states->kind != ConfigNode::Kind::kSequence) {
    regimes.problem("states", "must be a list of regimes, each with a name");
    return;
  }
  for (std::size_t i = 0; i < states->items.size(); ++i) {
    const std::string path = fmt::format("regimes.states[{}]", i + 1);
    ConfigReader reader(&states->items[i], path, problems);
    RegimeState state;
    state.name = reader.required_text("name");
    state.when = read_conditions(reader.node("when"), path + ".when", problems);
    RegimeTreatment treatment;
    treatment.gross = reader.number("gross", 1.0, 0.0, 1.0);
    if (const ConfigNode* portfolio = reader.node("portfolio")) {
      ConfigReader own(portfolio, path + ".portfolio", problems);
      treatment.strategy = read_strategy(portfolio, own, plugins);
    }
    choice.settings.states.push_back(std::move(state));
    choice.treatments.push_back(std::move(treatment));
  }
}

void read_inputs(ConfigReader& regimes, RegimeSettings& settings) {
  const ConfigNode* inputs = regimes.node("inputs");
  if (inputs == nullptr) return;
  if (inputs->kind != ConfigNode::Kind::kSequence) {
    regimes.problem("inputs", fmt::format("must be a list, found {}", describe(*inputs)));
    return;
  }
  settings.inputs.clear();
  for (const ConfigNode& item : inputs->items) {
    parse_at(regimes, "inputs", [&] { settings.inputs.push_back(parse_regime_input(item.scalar)); });
  }
}

std::string_view reason_of(const RegimeState& state, const RegimeTreatment& treatment) {
  std::string text;
  if (treatment.strategy) text = fmt::format("regime {}: {}", state.name, treatment.strategy->name);
  if (treatment.gross != 1.0) {
    text += fmt::format("{}{:.4g} of the weight",
                        text.empty() ? fmt::format("regime {}: ", state.name) : ", ", treatment.gross);
  }
  return text.empty() ? std::string_view() : interned(text);
}

}  // namespace

std::optional<RegimeChoice> read_regimes(ConfigReader& study, const Plugins& plugins,
                                         ConfigProblems& problems) {
  if (study.node("regimes") == nullptr) return std::nullopt;
  auto regimes = study.section("regimes");
  RegimeChoice choice;
  RegimeSettings& settings = choice.settings;
  settings.method =
      regimes.text("method", "hmm", {"hmm", "rules"}) == "hmm" ? RegimeMethod::kHmm : RegimeMethod::kRules;
  settings.of = regimes.text("of", "");
  auto windows = regimes.section("windows");
  settings.volatility_window = static_cast<int>(windows.integer("volatility", settings.volatility_window, 2));
  settings.trend_window = static_cast<int>(windows.integer("trend", settings.trend_window, 1));
  settings.correlation_window =
      static_cast<int>(windows.integer("correlation", settings.correlation_window, 3));
  settings.min_sessions = static_cast<int>(regimes.integer("min_sessions", settings.min_sessions, 1));
  if (settings.method == RegimeMethod::kHmm) {  // of rules these are unknown keys
    read_inputs(regimes, settings);
    settings.history = static_cast<int>(regimes.integer("history", settings.history, 1));
    settings.refit = static_cast<int>(regimes.integer("refit", settings.refit, 1));
    settings.min_probability = regimes.number("min_probability", settings.min_probability, 0.0, 0.9999);
  }
  read_states(regimes, plugins, problems, choice);
  if (problems.empty()) parse_at(study, "regimes", [&] { check_regimes(settings); });
  return choice;
}

void check_regime_symbol(const Study& study, const MarketData& market) {
  if (!study.regimes) return;
  const std::string& symbol = study.regimes->settings.of;
  if (symbol.empty() || market.find_symbol(symbol)) return;
  throw user_error(ErrorCode::kNotFound, fmt::format("regimes.of: the data have no '{}'{}", symbol,
                                                     did_you_mean(symbol, market.symbols)));
}

double sessions_per_year(const Study& study) {
  if (study.data.calendar == "file") return kSessionsOfFile;
  return find_calendar(study.data.calendar).sessions_per_year();
}

std::optional<RegimeHistory> study_regimes(const Study& study, const MarketData& market) {
  if (!study.regimes) return std::nullopt;
  return tell_regimes(study.regimes->settings, market, sessions_per_year(study));
}

PortfolioGate regime_gate(const RegimeChoice& choice, const RegimeHistory& history) {
  std::vector<std::size_t> strategies;
  std::vector<std::string_view> reasons;
  std::size_t count = 0;
  for (std::size_t i = 0; i < choice.treatments.size(); ++i) {
    strategies.push_back(choice.treatments[i].strategy ? ++count : 0);
    reasons.push_back(reason_of(choice.settings.states[i], choice.treatments[i]));
  }
  PortfolioGate gate;
  for (const int state : history.state) {
    const bool known = state != RegimeHistory::kUnknown;
    const auto place = static_cast<std::size_t>(known ? state : 0);
    gate.multiplier.push_back(known ? choice.treatments[place].gross : 1.0);
    gate.strategy.push_back(known ? strategies[place] : 0);
    gate.reason.push_back(known ? reasons[place] : std::string_view());
  }
  return gate;
}

Table regimes_table(const RegimeChoice& choice, const RegimeHistory& history,
                    const std::vector<Date>& dates) {
  const auto column_of = [](const Panel& panel, std::size_t column) {
    std::vector<double> values;
    for (std::size_t row = 0; row < panel.rows(); ++row) values.push_back(panel(row, column));
    return values;
  };
  std::vector<std::string> names;
  std::vector<double> gross;
  for (const int state : history.state) {
    const bool known = state != RegimeHistory::kUnknown;
    names.push_back(known ? history.names[static_cast<std::size_t>(state)] : "");
    gross.push_back(known ? choice.treatments[static_cast<std::size_t>(state)].gross : 1.0);
  }
  Table table{{{"date", dates}, {"regime", std::move(names)}, {"gross", std::move(gross)}}};
  for (std::size_t i = 0; i < history.names.size(); ++i) {
    table.columns.push_back({"probability_" + history.names[i], column_of(history.probabilities, i)});
  }
  for (std::size_t i = 0; i < history.inputs.columns(); ++i) {
    table.columns.push_back(
        {std::string(to_string(static_cast<RegimeInput>(i))), column_of(history.inputs, i)});
  }
  return table;
}

}  // namespace orrery
