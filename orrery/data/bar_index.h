#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/data/price_rows.h"
#include "orrery/market/calendar.h"

namespace orrery {

/// Where each bar of the panels stands in the file.
struct BarIndex {
  static constexpr std::int32_t kNoBar = -1;

  std::vector<Date> sessions;         ///< panel rows
  std::vector<std::string> symbols;   ///< panel columns, ascending byte order
  std::vector<std::int32_t> sources;  ///< [instrument][session]: row in PriceRows, or kNoBar
  std::vector<Date> non_session_days;
  std::size_t out_of_order_rows = 0;

  const std::int32_t* sources_of(std::size_t instrument) const {
    return sources.data() + instrument * sessions.size();
  }
};

/// Lays the good rows on the calendar's sessions between the first and the last of them. Rows on other days
/// and all but the last of several rows with one key are set aside; rows whose date goes back within their
/// symbol's rows are noted and kept (in a file that runs from new to old: rows whose date goes forward).
/// Errors: kInvalidArgument when no good row lies on a session.
BarIndex index_bars(PriceRows& rows, const Calendar& calendar);

/// Returns the days that good rows have, ascending.
std::vector<Date> days_of(const PriceRows& rows);

}  // namespace orrery
