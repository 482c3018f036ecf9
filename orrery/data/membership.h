#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/market/identities.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// A time during which a symbol belonged to an index or universe; both ends belong to it.
struct MembershipInterval {
  std::string symbol;
  Date start;
  Date end;  ///< far in the future (9999-12-31) for one that has not ended
};

/// Reads intervals from a `.csv` or `.csv.gz` with the columns `symbol` (or `ticker`), `start` (`start_date`)
/// and `end` (`end_date`; empty: not ended). A symbol may have several intervals.
/// Errors: kNotFound, kInvalidArgument naming file, line and field.
std::vector<MembershipInterval> read_membership(const std::filesystem::path& path);

/// Turns intervals by symbol into intervals by an instrument's last symbol, cut where a symbol changed hands.
std::vector<MembershipInterval> members_by_name(const std::vector<MembershipInterval>& intervals,
                                                const Identities& names);

/// Writes intervals as read_membership reads them. Errors: kIo.
void write_membership(const std::vector<MembershipInterval>& intervals, const std::filesystem::path& path);

/// Which instruments belong on which session: 1 where an interval covers it, 0 elsewhere.
struct Membership {
  MaskPanel member;                          ///< sessions × instruments of the market
  std::vector<std::string> unknown_symbols;  ///< members within the sessions that the market does not have
};

/// Look-ahead: none; a row depends on intervals covering that session only.
Membership membership_mask(const std::vector<MembershipInterval>& intervals, const MarketData& market);

}  // namespace orrery
