#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <span>
#include <vector>

#include "orrery/data/table.h"

namespace orrery {

/// Which row of the right side belongs to a row of the left one.
enum class AsOfDirection {
  kBackward,  ///< the last at or before its time: what was known then
  kForward,   ///< the first at or after its time; looks ahead
  kNearest,   ///< the nearer of both, the earlier where they are equally near; looks ahead
};

struct AsOfJoinOptions {
  AsOfDirection direction = AsOfDirection::kBackward;
  bool allow_exact = true;  ///< whether a row of the same time counts
  /// The largest distance in time that still counts, inclusive, in the unit of the times; absent: any.
  std::optional<std::int64_t> tolerance = {};
};

/// One side of a join: a time and an instrument a row. Rows of both sides stand by time, or on both sides all
/// rows of an instrument stand together, by time within it, as a lake's tables have them.
struct AsOfSide {
  std::span<const std::int64_t> times;
  std::span<const std::int32_t> instruments;  ///< codes from 0 on; empty: all rows have code 0
};

/// Stands for a row without a match.
inline constexpr std::uint32_t kNoMatch = std::numeric_limits<std::uint32_t>::max();

/// Returns for each row of the left side the row of the right side that belongs to it: of the same
/// instrument, by time as the options say; of several right rows of one time the last (forward: the first).
/// Missing times (kMissingInteger of a lake) and negative codes match nothing. One pass over both sides.
/// Look-ahead: none for kBackward; without allow_exact a row of the very same time is not seen either.
/// Errors: kInvalidArgument for sides that stand in neither order, for lengths that differ, for a negative
/// tolerance. Same as pandas' merge_asof by an instrument.
std::vector<std::uint32_t> as_of_join(const AsOfSide& left, const AsOfSide& right,
                                      const AsOfJoinOptions& options = {});

/// Returns the codes that the texts of the left column have in the right one; -1 where it lacks them. The
/// right column's own codes are the other side's instruments.
std::vector<std::int32_t> codes_in(const DictionaryStrings& left, const DictionaryStrings& right);

}  // namespace orrery
