#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/market/universe_state.h"

namespace orrery {

/// Some of the judged days.
struct DaySlice {
  std::string key;           ///< such as "2017" or "volatility_low"
  std::string name;          ///< such as "Calm: up to 8.2%"
  std::vector<char> member;  ///< by judged day: 1 when it belongs
};

/// A way to part the judged days.
struct DayGroup {
  std::string title;
  std::vector<DaySlice> slices;
};

/// Where days are parted.
struct DayParting {
  int first_year = 0;
  int last_year = -1;         ///< below first_year: no days
  bool has_terciles = false;  ///< fewer than three days with a volatility have none
  double calm = 0.0;          ///< upper bound of the volatility's lowest tercile
  double turbulent = 0.0;     ///< and of its middle one
};

/// Returns the parting that these days make: hindsight, nobody knew the terciles' bounds then; they describe
/// and decide nothing. `dates`: ascending. `state`: by day, on its evening.
DayParting find_parting(std::span<const Date> dates, const UniverseState& state);

/// Parts days by calendar year, by tercile of the universe's volatility and by the sign of its change over
/// the last 21 sessions. `state`: by day, on its evening; days without one belong to no state.
std::vector<DayGroup> part_days(std::span<const Date> dates, const UniverseState& state,
                                const DayParting& parting);

/// The same, parted by find_parting of these days.
std::vector<DayGroup> part_days(std::span<const Date> dates, const UniverseState& state);

/// Mean of a daily series over a slice; see subset_mean.
struct SliceMean {
  std::size_t days = 0;
  double mean = std::numeric_limits<double>::quiet_NaN();
  double t = std::numeric_limits<double>::quiet_NaN();
};

/// Returns the means by slice, all groups one after the other. `lag`: of the Newey-West errors.
std::vector<SliceMean> slice_means(std::span<const double> daily, std::span<const DayGroup> groups, int lag);

}  // namespace orrery
