#include "orrery/app/study_checks.h"

#include <fmt/format.h>

#include "orrery/app/parse_at.h"
#include "orrery/app/symbol_list.h"
#include "orrery/execution/symbol_keyed_checks.h"

namespace orrery {
namespace {

std::optional<double> read_limit(ConfigReader& reader, std::string_view key) {
  if (reader.node(key) == nullptr) return std::nullopt;
  const double limit = reader.number(key, 1.0);
  if (limit > 0.0) return limit;
  reader.problem(key, fmt::format("must be above 0, found {}", limit));
  return std::nullopt;
}

std::optional<RateLimit> read_rate(ConfigReader& checks) {
  if (checks.node("rate") == nullptr) return std::nullopt;
  auto rate = checks.section("rate");
  RateLimit limit;
  if (rate.node("orders") == nullptr) rate.problem("orders", "is missing: how many orders may be sent");
  limit.orders = rate.integer("orders", 1, 1);
  limit.seconds = read_limit(rate, "seconds").value_or(limit.seconds);
  return limit;
}

std::optional<double> read_duplicate(ConfigReader& checks) {
  if (checks.node("duplicate") == nullptr) return std::nullopt;
  auto duplicate = checks.section("duplicate");
  return read_limit(duplicate, "seconds").value_or(RateLimit{}.seconds);
}

}  // namespace

std::optional<PretradeSettings> read_checks(ConfigReader& study) {
  if (study.node("checks") == nullptr) return std::nullopt;
  auto checks = study.section("checks");
  PretradeSettings settings;
  settings.price_collar = read_limit(checks, "price_collar");
  settings.max_shares = read_limit(checks, "max_shares");
  settings.max_notional = read_limit(checks, "max_notional");
  settings.rate = read_rate(checks);
  settings.duplicate_seconds = read_duplicate(checks);
  settings.restricted = read_symbols(checks, "restricted");
  parse_at(study, "checks", [&] { check_pretrade_settings(settings); });
  return settings;
}

OrderCheckFactory order_checks_of(const std::optional<PretradeSettings>& checks,
                                  const std::optional<ComplianceChoice>& compliance,
                                  const RuleRegistry& registry, const Costs& costs) {
  if (!checks && (!compliance || compliance->rules.empty())) return nullptr;
  return [checks, compliance = compliance.value_or(ComplianceChoice{}), registry,
          costs](std::span<const std::string> symbols) {
    auto list = std::make_unique<OrderCheckList>();
    if (checks) list->add("pretrade", std::make_unique<PretradeChecks>(*checks, symbols));
    const RuleContext context{compliance.jurisdiction,    compliance.margin_account, symbols,
                              costs.commission_bps / 1e4, costs.slippage_bps / 1e4,  costs.min_cost};
    for (const auto& [name, settings] : compliance.rules) {
      list->add(name, make_rule(registry, name, context, settings));
    }
    return std::make_unique<SymbolKeyedChecks>(std::move(list),
                                               std::vector<std::string>(symbols.begin(), symbols.end()));
  };
}

}  // namespace orrery
