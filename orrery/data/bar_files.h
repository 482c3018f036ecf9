#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/data/table.h"

namespace orrery {

/// A file of one symbol's bars, of a day or less.
struct BarFile {
  std::string symbol;
  std::filesystem::path path;
};

/// One bar. It begins at `moment`.
struct TimedBar {
  Timestamp moment;
  double open = 0.0, high = 0.0, low = 0.0, close = 0.0, volume = 0.0;
};

/// Bars of one symbol, ascending.
struct TimedBars {
  std::vector<TimedBar> bars;
  std::int64_t length = 0;  ///< of a bar in nanoseconds: the least distance of two; a day for a single bar
};

/// Reads a file with a moment (`date`, `timestamp`, `datetime`, `time`, `open_time`: when the bar begins),
/// `open, high, low, close` and maybe `volume` (0 where it is absent or empty). Rows may stand in any order.
/// Errors: as read_moment_table; kInvalidArgument, naming file and line, for a price that is not above 0, a
/// high or low that other prices exceed, two bars of one moment; kInvalidArgument for bars longer than a day,
/// and for a file without any.
TimedBars read_timed_bars(const std::filesystem::path& path);

/// Days made from bars.
struct DailyBars {
  Table table;                      ///< date, symbol, open, high, low, close, volume; by file, then day
  std::size_t incomplete_days = 0;  ///< left out: first or last days of a file that it holds only in part
};

/// Folds bars into days in UTC: the first open, the highest high, the lowest low, the last close, the sum of
/// the volumes. A bar that is missing inside a file is not filled. A first day whose first bar is missing,
/// and a last day whose last one is, are left out: they are none yet. Errors: as read_timed_bars.
DailyBars read_daily_bars(const std::vector<BarFile>& files);

}  // namespace orrery
