#include "orrery/app/study_risk.h"

#include <fmt/format.h>

#include "orrery/app/parse_at.h"
#include "orrery/app/symbol_list.h"
#include "orrery/data/number_text.h"

namespace orrery {
namespace {

/// Reads a list of four numbers.
void read_four(ConfigReader& reader, std::string_view key, std::array<double, 4>& values) {
  const ConfigNode* node = reader.node(key);
  if (node == nullptr) return;
  bool good = node->kind == ConfigNode::Kind::kSequence && node->items.size() == values.size();
  for (std::size_t i = 0; good && i < values.size(); ++i) {
    good = parse_number(node->items[i].scalar, values[i]) == NumberText::kNumber;
  }
  if (!good)
    reader.problem(key, fmt::format("must be four numbers, one for each level, found {}", describe(*node)));
}

LadderSettings read_settings(ConfigReader& ladder) {
  LadderSettings settings;
  read_four(ladder, "levels", settings.levels);
  read_four(ladder, "multipliers", settings.multipliers);
  settings.confidence = ladder.number("confidence", settings.confidence, 0.0, 10.0);
  settings.speculative = read_symbols(ladder, "speculative");
  settings.safe_havens = read_symbols(ladder, "safe_havens");
  auto extreme = ladder.section("extreme");
  settings.extreme_volatility = extreme.number("volatility", settings.extreme_volatility, 0.0);
  settings.extreme_correlation = extreme.number("correlation", settings.extreme_correlation, 0.0);
  auto gate = ladder.section("gate");
  settings.gate_sessions = static_cast<int>(gate.integer("sessions", settings.gate_sessions, 1));
  settings.gate_volatility = gate.number("volatility", settings.gate_volatility, 0.0);
  settings.gate_recovery = gate.number("recovery", settings.gate_recovery, 0.0, 0.99);
  settings.ramp_sessions = static_cast<int>(ladder.integer("ramp", settings.ramp_sessions, 1));
  auto confirm = ladder.section("confirm");
  if (confirm.has("after")) settings.confirm_after = static_cast<int>(confirm.integer("after", 1, 1));
  return settings;
}

}  // namespace

std::optional<LadderSettings> read_ladder(ConfigReader risk) {
  const ConfigNode* node = risk.node("ladder");
  if (node == nullptr) return std::nullopt;
  if (node->kind == ConfigNode::Kind::kScalar) {
    if (risk.boolean("ladder", false)) return LadderSettings{};
    return std::nullopt;
  }
  auto ladder = risk.section("ladder");
  LadderSettings settings = read_settings(ladder);
  parse_at(risk, "ladder", [&] { check_ladder(settings); });
  return settings;
}

}  // namespace orrery
