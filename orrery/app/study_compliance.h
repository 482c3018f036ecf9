#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "orrery/base/config.h"
#include "orrery/execution/compliance_rule.h"
#include "orrery/execution/wash_sales.h"

namespace orrery {

/// Which rules the orders of a study keep.
struct ComplianceChoice {
  std::string jurisdiction = "us";
  bool margin_account = true;
  std::vector<std::pair<std::string, ParameterMap>> rules;  ///< by name
};

/// Reads the study's `compliance` section: every other key than `jurisdiction` and `account` is a rule, its
/// value a mode or settings.
std::optional<ComplianceChoice> read_compliance(ConfigReader& study, const RuleRegistry& registry);

/// Returns how lots are kept, where the rule `wash_sales` is asked for.
std::optional<WashSaleSettings> wash_sale_settings(const std::optional<ComplianceChoice>& compliance,
                                                   const RuleRegistry& registry,
                                                   std::span<const std::string> symbols);

}  // namespace orrery
