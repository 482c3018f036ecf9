#pragma once

#include <cstddef>
#include <vector>

#include "orrery/market/panel.h"

namespace orrery {

/// How intervals of what a score will earn are made.
struct IntervalSpec {
  double coverage = 0.9;
  int window = 250;         ///< sessions with known outcomes that an interval learns from, at most
  int min_sessions = 20;    ///< and at least, for the estimate and again for the bound
  double rate = 0.02;       ///< of AdaptiveCoverage; 0: fixed
  int label_span_rows = 1;  ///< rows after t from which the outcome of row t is known
};

/// What one session's intervals turned out to be, once their outcomes were known.
struct IntervalSession {
  std::size_t row = 0;
  std::size_t intervals = 0;    ///< with a known outcome
  double covered = 0.0;         ///< share of them that held it
  double asked_coverage = 0.0;  ///< by AdaptiveCoverage on that session
  double slope = 0.0;           ///< of the line: what one more of score has been worth
  double mean_width = 0.0;      ///< over all of the session's finite intervals
};

struct ReturnIntervals {
  Panel expected;  ///< estimate; NaN where there is none yet
  Panel lower;     ///< may be infinite, as may upper
  Panel upper;
  std::vector<IntervalSession> sessions;  ///< those with intervals, ascending
};

/// Turns scores of any scale into what they have been worth: an estimate of the outcome and an interval that
/// holds it with the asked probability.
///
/// On session t, from the sessions before it whose outcomes are known by t (row r is, when r + span <= t),
/// the last `window` of them: the estimate is a + b × score by least squares over all their cells; the
/// interval is estimate ± q × volatility(t, i), q the conformal bound of |outcome - estimate| / volatility,
/// each with the estimate that was given then. Cells of one session move together and markets change, so that
/// nothing is exchangeable: the coverage that is asked for adapts (see AdaptiveCoverage), and what was
/// covered is reported by session.
///
/// `scores`: NaN where there are none. `outcome`: raw, NaN where not known. `volatility`: positive, known at
/// t; cells without get no interval. All the same shape. Look-ahead: none, given that. Errors:
/// kInvalidArgument for a coverage outside (0, 1), a window shorter than min_sessions, or a rate below 0.
ReturnIntervals return_intervals(const Panel& scores, const Panel& outcome, const Panel& volatility,
                                 const IntervalSpec& spec);

}  // namespace orrery
