#include "orrery/portfolio/unit_series.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/statistics.h"

namespace orrery {

bool make_unit_series(std::span<double> series) {
  // Told by the deviation, which is exactly 0 for equal values, whatever rounding does to their mean.
  if (series.size() < 2 || !(standard_deviation(series) > 0.0)) {
    std::fill(series.begin(), series.end(), 0.0);
    return false;
  }
  const double centre = mean(series);
  double squares = 0.0;
  for (double& value : series) {
    value -= centre;
    squares += value * value;
  }
  for (double& value : series) value /= std::sqrt(squares);
  return true;
}

double mean_pair_correlation(std::span<const double> sum_of_units, double n) {
  const double length =
      std::inner_product(sum_of_units.begin(), sum_of_units.end(), sum_of_units.begin(), 0.0);
  return (length - n) / (n * (n - 1.0));
}

}  // namespace orrery
