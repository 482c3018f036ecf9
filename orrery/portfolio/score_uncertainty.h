#pragma once

#include <cstddef>
#include <span>

#include "orrery/market/panel.h"

namespace orrery {

/// How sure one session's scores are. Each span has one entry per instrument, or none where nobody knows.
/// Look-ahead: none; all of it is made from what was known at the close of the score's session.
struct ScoreUncertainty {
  std::span<const double> expected;  ///< return that the score has been worth, in fractions; NaN: none
  std::span<const double> lower;     ///< that return's interval; NaN: none; may be infinite, as may upper
  std::span<const double> upper;
  std::span<const double> deviation = {};  ///< of the score, as its model says it, in its unit; NaN: none
};

/// The same by session: panels of the scores' shape, null where nobody knows. They must outlive it.
struct UncertaintyPanels {
  const Panel* expected = nullptr;
  const Panel* lower = nullptr;
  const Panel* upper = nullptr;
  const Panel* deviation = nullptr;

  ScoreUncertainty at(std::size_t row) const {
    const auto cells = [row](const Panel* panel) {
      return panel == nullptr ? std::span<const double>() : panel->row(row);
    };
    return {cells(expected), cells(lower), cells(upper), cells(deviation)};
  }
};

}  // namespace orrery
