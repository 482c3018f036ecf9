#pragma once

#include <limits>

#include "orrery/factor/kernels/lanes.h"

namespace orrery::plugins::operators {

/// Where in the window the first extreme value is, from 1 at the oldest row on which the instrument exists;
/// missing values are left out. `Wins::over(value, best)`: all ones where the value is the better one.
template <class Wins>
struct FirstExtreme {
  static kernels::DoubleLanes of(const kernels::LaneWindow& window) {
    using kernels::DoubleLanes;
    DoubleLanes best{};
    DoubleLanes place = kernels::all_lanes(std::numeric_limits<double>::quiet_NaN());
    DoubleLanes row{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes value = window.value(ago);
      row = window.alive(ago) ? row + 1.0 : row;
      const auto none = place != place;
      const auto wins = kernels::finite_lanes(value) & (none | Wins::over(value, best));
      best = wins ? value : best;
      place = wins ? row : place;
    }
    return place;
  }
};

}  // namespace orrery::plugins::operators
