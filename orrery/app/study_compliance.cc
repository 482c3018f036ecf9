#include "orrery/app/study_compliance.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace orrery {
namespace {

constexpr std::string_view kWashSales = "wash_sales";

/// Writes a setting as rules read it: a list as "A,B", a mapping as "A=1,B=2".
ParameterValue setting_value(const ConfigNode& node) {
  if (node.kind == ConfigNode::Kind::kScalar) return scalar_value(node);
  std::vector<std::string> parts;
  for (const ConfigNode& item : node.items) parts.push_back(item.scalar);
  for (const auto& [key, value] : node.entries) parts.push_back(fmt::format("{}={}", key, value.scalar));
  return fmt::format("{}", fmt::join(parts, ","));
}

/// Reads one rule; `NAME: MODE` means `NAME: {mode: MODE}`.
ParameterMap read_rule(ConfigReader& compliance, const std::string& name, const ConfigNode& node,
                       const RuleInfo& info) {
  ParameterMap settings;
  if (node.kind == ConfigNode::Kind::kScalar) {
    settings.emplace("mode", scalar_value(node));
    for (const auto& problem : check_parameters(settings, info.parameters)) {
      compliance.problem(name, problem.message);
    }
    return settings;
  }
  auto rule = compliance.section(name);
  for (const auto& parameter : info.parameters) {
    if (const ConfigNode* value = rule.node(parameter.name)) {
      settings.emplace(parameter.name, setting_value(*value));
    }
  }
  for (const auto& problem : check_parameters(settings, info.parameters)) {
    rule.problem(problem.name, problem.message);
  }
  return settings;
}

}  // namespace

std::optional<ComplianceChoice> read_compliance(ConfigReader& study, const RuleRegistry& registry) {
  if (study.node("compliance") == nullptr) return std::nullopt;
  auto compliance = study.section("compliance");
  ComplianceChoice choice;
  choice.jurisdiction = compliance.text("jurisdiction", choice.jurisdiction);
  choice.margin_account = compliance.text("account", "margin", {"margin", "cash"}) == "margin";
  for (const std::string& name : registry.names()) {
    const ConfigNode* node = compliance.node(name);
    if (node == nullptr) continue;
    const RuleInfo& info = registry.get(name).info;
    const auto& places = info.jurisdictions;
    if (!places.empty() && std::find(places.begin(), places.end(), choice.jurisdiction) == places.end()) {
      compliance.problem(name, fmt::format("holds in the jurisdictions {}, not in '{}'",
                                           fmt::join(places, ", "), choice.jurisdiction));
    }
    choice.rules.emplace_back(name, read_rule(compliance, name, *node, info));
  }
  return choice;
}

std::optional<WashSaleSettings> wash_sale_settings(const std::optional<ComplianceChoice>& compliance,
                                                   const RuleRegistry& registry,
                                                   std::span<const std::string> symbols) {
  if (!compliance) return std::nullopt;
  for (const auto& [name, given] : compliance->rules) {
    if (name != kWashSales) continue;
    const auto settings = complete_parameters(given, registry.get(name).info.parameters);
    WashSaleSettings lots;
    lots.method = parse_lot_method(get_string(settings, "lots"));
    lots.exempt = marked_symbols(get_string(settings, "exempt"), symbols);
    return lots;
  }
  return std::nullopt;
}

}  // namespace orrery
