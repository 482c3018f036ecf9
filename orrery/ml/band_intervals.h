#pragma once

#include <cstddef>

#include "orrery/market/panel.h"
#include "orrery/market/row_ranges.h"
#include "orrery/ml/return_intervals.h"

namespace orrery {

/// Intervals before anything is promised of them, by cell; NaN: none.
struct ReturnBands {
  Panel expected;
  Panel lower;
  Panel upper;
  Panel scale;  ///< positive; the unit that an interval is made wider in
};

/// Sessions whose outcomes say by how much bands are to be moved, and later ones that get intervals.
struct BandSpan {
  RowRange calibration;
  RowRange test;
};

struct BandSpec {
  double coverage = 0.9;
  int label_span_rows = 1;  ///< rows after t from which the outcome of row t is known
};

/// By how far an outcome lies outside its band; below 0: inside, by its distance from the nearer end. Source:
/// Romano, Patterson and Candès (2019), "Conformalized quantile regression", eq. 6.
double band_miss(double lower, double upper, double outcome);

/// Moves the ends of bands by what their misses on an earlier span call for, so that they hold the outcome
/// with the asked probability where both spans are exchangeable; writes the intervals of the test sessions,
/// later than those written before, into `result`, whose panels are there.
///
/// q is the conformal bound of band_miss / scale over the calibration cells; the interval of a
/// test cell is [lower - q × scale, upper + q × scale], or its middle where a q below 0 leaves nothing of it.
/// Bands that are a point are split conformal prediction (Lei et al., 2018, algorithm 2, with `scale` locally
/// weighted, sec. 5.2), bands of two quantiles conformalized quantile regression (Romano et al., 2019,
/// theorem 1). All panels are of the outcome's shape; an outcome that is missing says nothing. Look-ahead:
/// none, given that of the bands: calibration rows whose outcome is not known on the first test row are left
/// out. Sessions say the coverage as asked, and no slope. Errors: kInvalidArgument for a coverage outside (0,
/// 1), or no calibration cell.
void add_band_intervals(const ReturnBands& bands, const Panel& outcome, const BandSpan& span,
                        const BandSpec& spec, ReturnIntervals& result);

}  // namespace orrery
