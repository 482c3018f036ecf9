#pragma once

#include <cstddef>
#include <filesystem>
#include <string>

#include "orrery/market/market_data.h"

namespace orrery {

/// Where the funding of one perpetual future comes from.
struct FundingFile {
  std::string symbol;
  std::filesystem::path rates;
  std::filesystem::path marks;  ///< bars of mark prices (bar_files.h); empty: the rates' file has them
};

/// What was found.
struct FundingCounts {
  std::size_t payments = 0;
  std::size_t outside = 0;  ///< rates of moments before the first session or after the last; left out
  std::size_t stale = 0;    ///< payments whose mark is the close of a bar that was over before their moment
};

/// The field of funding rates.
inline constexpr const char* kFundingField = "funding_rate";

/// Adds a perpetual future's funding to market.funding, and to the field `funding_rate`.
///
/// Rates: a table with a moment (`date`, `timestamp`, `datetime`, `time`, `funding_time`, `calc_time`) and a
/// rate
/// (`funding_rate`, `last_funding_rate`, `rate`, or `open`, where freqtrade has it), a fraction of the value.
/// The moment is a full hour; stamps up to a minute beside it belong to it. Marks: `mark_price` or `mark` of
/// the same table, else the bars of `marks`: the open of the bar that begins at the moment, else of the one
/// that holds it, else the close of the last before.
///
/// The field holds, on each session, the sum of the rates that became known on its day, 00:00 to 24:00 UTC,
/// or on days without a session before it: a rate at its stamp, or at its moment where that is later, or at
/// `known` where the table has it. NaN on sessions in which none did, and for names without funding. Errors:
/// as read_moment_table and read_timed_bars; kNotFound for a symbol that the market has not;
/// kInvalidArgument, with file and line, for a stamp farther from a full hour, two rates of one moment, a
/// mark that is not above 0; kInvalidArgument where there is no mark at or before a moment.
FundingCounts add_funding(const FundingFile& file, MarketData& market);

}  // namespace orrery
