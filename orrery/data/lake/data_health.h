#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "orrery/data/lake/lake.h"

namespace orrery {

/// Sessions in a row on which something is missing.
struct SessionGap {
  Date first, last;
  std::size_t sessions = 0;
};

/// What a table has of one symbol from one source.
struct SymbolHealth {
  std::string table, symbol, source;
  std::size_t rows = 0;          ///< all versions
  Date first, last;              ///< days of the first and the last event
  std::string calendar;          ///< whose sessions are expected; "": the table has no fixed days
  std::size_t missing = 0;       ///< sessions between first and last without a row
  std::size_t late = 0;          ///< sessions after last that were over when asked
  std::vector<SessionGap> gaps;  ///< ascending; the missing ones
  Timestamp retrieved;           ///< when a row last came, or was last asked for
};

/// What to look at.
struct HealthRequest {
  std::vector<std::string> tables = {};   ///< empty: all
  std::vector<std::string> symbols = {};  ///< empty: all
  std::string calendar = {};              ///< for all; "": as the next ones say
  /// Of sources; one without: every day where rows fall on weekends, else New York's.
  std::map<std::string, std::string> calendars = {};
  Timestamp now;  ///< sessions up to the day before it are expected
};

/// Returns what is covered, missing and late, by table, symbol and source. Bars and funding are held against
/// a calendar; of what comes when it comes (filings, news, actions, macro series) only the span is told.
/// Errors: kNotFound for a table that is not there; kNotFound for an unknown calendar.
std::vector<SymbolHealth> check_health(Lake& lake, const HealthRequest& request);

}  // namespace orrery
