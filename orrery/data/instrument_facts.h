#pragma once

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "orrery/market/identities.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// Finds the instrument that a table calls by a symbol of any time, its own last one first. `names`: of
/// market.renames.
std::optional<std::size_t> find_ever(const std::string& symbol, const Identities& names,
                                     const MarketData& market);

/// Fills market.sectors from a table with the columns `symbol, sector`; "" where it has none. Of two rows
/// with one symbol the later wins. Returns how many instruments have no sector. Errors: kNotFound,
/// kInvalidArgument, naming file and line.
std::size_t read_sectors(const std::filesystem::path& path, MarketData& market);

/// Fills market.delistings from a table with the columns `symbol, date, return, reason`, in instrument order.
/// An empty return is that of the reason: 0 for "merger", -0.30 for "performance" (Shumway 1997, "The
/// delisting bias in CRSP data"), 0 for "unknown", which an empty reason means. The position is closed on the
/// first session on or after the date. Returns how many records concern no symbol or session of the market.
/// Errors: kNotFound, kInvalidArgument, naming file, line and field.
std::size_t read_delistings(const std::filesystem::path& path, MarketData& market);

/// The return of a delisting of which nothing but the reason is known, as above.
double usual_delisting_return(std::string_view reason);

/// Sorts delistings by instrument, then by session.
void sort_delistings(MarketData& market);

}  // namespace orrery
