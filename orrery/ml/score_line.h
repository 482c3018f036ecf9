#pragma once

namespace orrery {

/// What scores have been worth: outcome = intercept + slope × score.
struct ScoreLine {
  double intercept = 0.0;
  double slope = 0.0;

  double operator()(double score) const { return intercept + slope * score; }
};

/// Sums over cells with score and outcome, from which the line is fitted.
struct ScoreLineSums {
  double n = 0.0, x = 0.0, y = 0.0, xx = 0.0, xy = 0.0;

  void add(double score, double outcome) {
    n += 1.0;
    x += score;
    y += outcome;
    xx += score * score;
    xy += score * outcome;
  }
  ScoreLineSums& operator+=(const ScoreLineSums& other) {
    n += other.n;
    x += other.x;
    y += other.y;
    xx += other.xx;
    xy += other.xy;
    return *this;
  }

  /// Least squares; the mean where the scores don't vary. At least one cell.
  ScoreLine line() const {
    const double mean_x = x / n;
    const double mean_y = y / n;
    const double spread = xx - x * mean_x;
    // What is left of the squares by rounding is no spread.
    const double slope = spread > 1e-12 * xx ? (xy - x * mean_y) / spread : 0.0;
    return {mean_y - slope * mean_x, slope};
  }
};

}  // namespace orrery
