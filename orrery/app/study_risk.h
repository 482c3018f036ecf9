#pragma once

#include <optional>

#include "orrery/base/config.h"
#include "orrery/risk/drawdown_ladder.h"

namespace orrery {

/// Reads the study's `risk` section: `ladder: true` for the usual drawdown ladder, or its settings.
std::optional<LadderSettings> read_ladder(ConfigReader risk);

}  // namespace orrery
