#pragma once

#include <optional>
#include <vector>

#include "orrery/operate/operation.h"
#include "orrery/operate/operation_store.h"

namespace orrery {

/// A round that is to be done now.
struct DueRound {
  Date session;
  RoundMode mode = RoundMode::kScheduled;
};

/// What is due at a moment.
struct DueRounds {
  std::vector<DueRound> rounds;  ///< the oldest first; the last one may be the scheduled one
  std::vector<Date> missed;      ///< sessions before them that are too many to be made up for
};

/// Says what is due: rounds that were begun and not ended, and those of sessions after the last one in the
/// store whose moment has come. An empty store begins with the last session that is due.
DueRounds due_rounds(const Operation& operation, OperationStore& store, Timestamp now);

/// Returns the moment of the first round after `now`.
Timestamp next_round(const Operation& operation, Timestamp now);

}  // namespace orrery
