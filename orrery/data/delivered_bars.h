#pragma once

#include <optional>
#include <string>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/table.h"
#include "orrery/market/calendar.h"

namespace orrery {

/// What was asked of a source, and when a series of bars is taken for good.
struct BarExpectation {
  std::optional<Date> begin;
  std::optional<Date> end;
  Timestamp now;                     ///< a session is expected on the day after it
  std::optional<Calendar> calendar;  ///< none: gaps and staleness are not judged
  int gap_sessions = 5;              ///< so many sessions in a row may be missing
  double jump = 4.0;                 ///< a close may be so many times the last one, or one so-many-th of it
};

/// Returns what speaks against the delivered bars of one symbol, or nothing: no bars where there was a
/// session; stale (the newest session asked for is not there); a gap; a jump from close to close on a day
/// without an action. `prices` has date and close, `actions` (may be null) has date and split_ratio.
std::optional<std::string> doubt_bars(const Table& prices, const Table* actions,
                                      const BarExpectation& expected);

}  // namespace orrery
