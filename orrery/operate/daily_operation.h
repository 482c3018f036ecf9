#pragma once

#include "orrery/operate/replay_clock.h"
#include "orrery/operate/round_runner.h"

namespace orrery {

/// How rounds ended.
enum class OperationEnd : std::uint8_t {
  kGood,
  kFailed,       ///< at least one round
  kInterrupted,  ///< somebody asked to stop; the next start goes on from there
};

/// Does every round that is due: those that were not finished, missed ones (the oldest first, at most
/// `catch_up`; older ones are marked as missed and told), the scheduled one. With `once` it ends then; else
/// it waits for the next ones until it is asked to stop.
OperationEnd keep_operating(const Operation& operation, const RunnerTools& tools, bool once);

/// Does the rounds of all sessions of a span, or what is left of them (`anew`: all of them). Nothing in it is
/// late. Errors: kInvalidArgument for a span without sessions, or one whose last round is not due yet.
OperationEnd backfill(const Operation& operation, const RunnerTools& tools, Date from, Date to, bool anew);

/// Does them as they would have come: at each round the clock of `tools`, which has to be `clock`, shows the
/// moment at which it was due, so that deadlines and alerts are as on that day. Errors: as of backfill.
OperationEnd replay(const Operation& operation, const RunnerTools& tools, ReplayClock& clock, Date from,
                    Date to);

}  // namespace orrery
