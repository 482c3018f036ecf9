#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "orrery/market/market_data.h"

namespace orrery {

/// Adds series that are the same for all instruments, such as a volatility index, rates or macroeconomic
/// figures, to market.fields: every numeric column of a table under its own name.
///
/// The table has a column `date`, what a value is about, and may have `known` (also `known_date`,
/// `release_date`, `realtime_start`), the day on which it could first be read; several rows of one date are
/// then revisions. A session sees, of all values known by then, the one with the latest date, and of its
/// revisions the latest known. A value without a known day is seen from the first session after its date on:
/// at that session's close nobody has to have been early. Empty cells say nothing. Missing before the first
/// known value: NaN.
///
/// Returns the names of the fields. Errors: kNotFound without a column `date`; kInvalidArgument for returns
/// of factor portfolios (SMB and HML) without a known day (docs/point-in-time.md), for a date that can't be
/// read, a value known before its date, no numeric column, or a name that is a field already, naming file,
/// line and column.
std::vector<std::string> add_series_fields(const std::filesystem::path& path, MarketData& market);

}  // namespace orrery
