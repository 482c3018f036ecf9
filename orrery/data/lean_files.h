#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// What a file of LEAN's data folder holds, as its path tells: ASSET/MARKET/RESOLUTION/TICKER[_KIND].zip for
/// days and hours, ASSET/MARKET/RESOLUTION/TICKER/YYYYMMDD_KIND.zip for what is finer.
struct LeanFile {
  std::filesystem::path path;
  std::string asset;        ///< "equity", "crypto", "forex" …
  std::string market;       ///< "usa", "coinbase" …
  std::string resolution;   ///< "daily", "hour", "minute", "second", "tick"
  std::string ticker;       ///< in capitals
  std::string kind;         ///< "trade", "quote" or "openinterest"
  std::optional<Date> day;  ///< of files finer than an hour
};

/// Reads what the path of a ZIP file tells, from its end; nothing for a path of another form.
std::optional<LeanFile> describe_lean_file(const std::filesystem::path& path);

/// Returns why the bars of a file are not taken, in words for a summary; "" where they are: bars of trades of
/// American stocks and of crypto.
std::string why_not_taken(const LeanFile& file);

/// Returns the frequency in the name of a table of bars, such as "1d" for daily.
std::string frequency_of(const LeanFile& file);

/// Bars as columns. Times are nanoseconds since 1970, UTC.
struct LeanBars {
  std::vector<Date> date;  ///< the exchange's day
  std::vector<std::int64_t> open_time, close_time;
  std::vector<double> open, high, low, close, volume;

  std::size_t size() const { return date.size(); }
};

/// A line that is no bar.
struct LeanFault {
  std::int64_t line = 0;
  std::optional<Date> date;
  std::string reason, column, found;
};

/// Reads the lines of one file of bars behind what is in `bars` already: a time, open, high, low, close,
/// volume. Times are the exchange's own clock (New York for stocks, UTC for crypto) and stand for the start
/// of a bar; a bar of a day has the times of its session. Prices of stocks are hundredths of a cent, of
/// crypto what they are. Lines that are no bars become faults. Source: LEAN's Data/equity and Data/crypto
/// readme.md.
void read_lean_bars(const LeanFile& file, std::string_view text, LeanBars& bars,
                    std::vector<LeanFault>& faults);

}  // namespace orrery
