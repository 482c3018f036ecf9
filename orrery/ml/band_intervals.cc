#include "orrery/ml/band_intervals.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/ml/conformal.h"

namespace orrery {
namespace {

/// What the cells of known outcome missed their bands by, in units of their scale.
std::vector<double> scaled_misses(const ReturnBands& bands, const Panel& outcome, RowRange rows) {
  std::vector<double> misses;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    for (std::size_t i = 0; i < outcome.columns(); ++i) {
      const double miss =
          band_miss(bands.lower(row, i), bands.upper(row, i), outcome(row, i)) / bands.scale(row, i);
      if (std::isfinite(miss)) misses.push_back(miss);
    }
  }
  return misses;
}

/// Sessions of the span whose outcomes are known when the first interval is given.
RowRange known_rows(const BandSpan& span, int label_span_rows) {
  const auto reach = static_cast<std::size_t>(label_span_rows);
  const std::size_t limit = span.test.begin >= reach ? span.test.begin - reach + 1 : 0;
  return {span.calibration.begin, std::max(span.calibration.begin, std::min(span.calibration.end, limit))};
}

/// Writes one session's intervals; says how they did.
IntervalSession move_ends(const ReturnBands& bands, const Panel& outcome, std::size_t row, double moved,
                          double coverage, ReturnIntervals& result) {
  IntervalSession session{row, 0, 0.0, coverage, std::numeric_limits<double>::quiet_NaN(), 0.0};
  double covered = 0.0;
  double given = 0.0;
  for (std::size_t i = 0; i < outcome.columns(); ++i) {
    result.expected(row, i) = bands.expected(row, i);
    double lower = bands.lower(row, i) - moved * bands.scale(row, i);
    double upper = bands.upper(row, i) + moved * bands.scale(row, i);
    if (std::isnan(lower) || std::isnan(upper)) continue;
    if (lower > upper) lower = upper = (bands.lower(row, i) + bands.upper(row, i)) / 2.0;
    result.lower(row, i) = lower;
    result.upper(row, i) = upper;
    session.mean_width += upper - lower;
    given += 1.0;
    if (std::isnan(outcome(row, i))) continue;
    ++session.intervals;
    if (outcome(row, i) >= lower && outcome(row, i) <= upper) covered += 1.0;
  }
  if (given > 0.0) session.mean_width /= given;
  if (session.intervals > 0) session.covered = covered / static_cast<double>(session.intervals);
  return session;
}

}  // namespace

double band_miss(double lower, double upper, double outcome) {
  // A maximum of std::max would lose a missing first argument.
  const double below = lower - outcome;
  const double above = outcome - upper;
  return std::isnan(below) || below > above ? below : above;
}

void add_band_intervals(const ReturnBands& bands, const Panel& outcome, const BandSpan& span,
                        const BandSpec& spec, ReturnIntervals& result) {
  if (!(spec.coverage > 0.0 && spec.coverage < 1.0)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("intervals: coverage must be above 0 and below 1, found {}", spec.coverage));
  }
  auto misses = scaled_misses(bands, outcome, known_rows(span, spec.label_span_rows));
  if (misses.empty()) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("intervals: no session in rows {} to {} has scores with known outcomes to calibrate "
                    "on; give the study a longer valid span, or take method: adaptive",
                    span.calibration.begin, span.calibration.end));
  }
  const double moved = conformal_bound(misses, spec.coverage);
  for (std::size_t row = span.test.begin; row < span.test.end; ++row) {
    const IntervalSession session = move_ends(bands, outcome, row, moved, spec.coverage, result);
    if (session.mean_width > 0.0 || session.intervals > 0) result.sessions.push_back(session);
  }
}

}  // namespace orrery
