#pragma once

#include <optional>
#include <string>
#include <vector>

#include "orrery/backtest/performance.h"
#include "orrery/base/date.h"

namespace orrery {

/// A change of the drawdown ladder's level, as the report tells it.
struct LadderChange {
  Date date;
  int from = 0;
  int to = 0;
  double drawdown = 0.0;
  std::string cause;
};

/// What the drawdown ladder did, and what would have been without it.
struct LadderReport {
  std::vector<LadderChange> changes;
  std::vector<int> sessions_on_level;  ///< by level, 0 first
  std::optional<int> confirm_after;    ///< sessions stopped after which the backtest confirmed for a person
  Performance with, without;
};

}  // namespace orrery
