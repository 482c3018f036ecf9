#pragma once

#include <optional>

#include "orrery/app/study_compliance.h"
#include "orrery/backtest/backtest.h"
#include "orrery/base/config.h"
#include "orrery/execution/pretrade_checks.h"

namespace orrery {

/// Reads the study's `checks` section: what an order is held against before it is sent.
std::optional<PretradeSettings> read_checks(ConfigReader& study);

/// Makes what makes the checks and rules of a run; nothing where there are none. Keeps no reference to the
/// registry.
OrderCheckFactory order_checks_of(const std::optional<PretradeSettings>& checks,
                                  const std::optional<ComplianceChoice>& compliance,
                                  const RuleRegistry& registry, const Costs& costs);

}  // namespace orrery
