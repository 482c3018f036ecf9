#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/data/membership.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// An index's members over a span of sessions, against the names and rows of a price file. A name is a
/// ticker: one that was renamed counts as two.
struct IndexCoverage {
  Date first, last;                        ///< sessions, both inclusive
  std::size_t members = 0;                 ///< names that belonged on some day of the span
  std::size_t members_without_prices = 0;  ///< those of which the whole file has no bar
  std::size_t members_that_left = 0;       ///< those with prices that don't belong on the last session
  std::size_t rows = 0;                    ///< bars: one a name and session
  std::size_t rows_before_joining = 0;     ///< of names that don't belong on that session but will later
  std::size_t rows_after_leaving = 0;      ///< of names that don't belong on that session, nor ever again

  /// Share of the members without prices; NaN without members.
  double absent_share() const;
  /// Share of the rows of names not yet in the index; NaN without rows.
  double not_yet_share() const;
};

/// How far a price file holds what lasted. Every file is some kind of survivor: what it lacks can't be told
/// from the file itself, but from the members that an index had.
struct Survivorship {
  std::size_t names = 0;
  std::size_t names_starting_later = 0;  ///< whose first bar comes after the first session
  std::size_t names_ending_early = 0;    ///< whose last bar comes before the last session
  bool sectors_known = false;            ///< sectors come from one table, without a date
  bool restricted_to_members = false;    ///< the universe holds an index's members of the day only
  std::string membership_file;           ///< without its folder; "" when no index is known
  std::optional<IndexCoverage> index;    ///< over all sessions of the market
  std::vector<IndexCoverage> years;      ///< by calendar year, ascending
};

/// Counts the members and rows of the sessions from row `begin` to before `end`. A member counts when one of
/// its intervals touches the days from the first to the last of these sessions.
IndexCoverage index_coverage(const std::vector<MembershipInterval>& intervals, const MarketData& market,
                             std::size_t begin, std::size_t end);

/// Describes a market; with intervals also against the index that they tell. `intervals` may be empty: no
/// index is known. Look-ahead: full, by nature; nothing here may feed a universe, a model or a portfolio.
Survivorship measure_survivorship(const std::vector<MembershipInterval>& intervals, const MarketData& market);

}  // namespace orrery
