#pragma once

#include <span>
#include <vector>

namespace orrery {

/// What the universe was like by the evening of each session; NaN before enough returns are there.
struct UniverseState {
  std::vector<double> volatility;  ///< deviation of the last 21 returns, annualised
  std::vector<double> change;      ///< the last 21 returns, compounded
};

/// Returns the state by the evening of each session, from the universe's returns by session. The return of
/// the first session is not one: there is no session before it. Look-ahead: none.
UniverseState trail_universe(std::span<const double> returns, double periods_per_year);

}  // namespace orrery
