#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "orrery/backtest/attribution.h"
#include "orrery/backtest/capacity.h"
#include "orrery/backtest/exposure.h"

namespace orrery {

/// Where a run's return came from, what it was exposed to on the way, and how much money it would carry.
struct ReturnSources {
  Attribution attribution;
  Exposure exposure;
  Capacity capacity;
};

}  // namespace orrery
