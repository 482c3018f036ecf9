#include "orrery/ml/conformal.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace orrery {

std::size_t conformal_rank(std::size_t count, double coverage) {
  // A product a rounding above a whole number is that number.
  const double wanted = std::ceil(static_cast<double>(count + 1) * coverage - 1e-9);
  return static_cast<std::size_t>(std::max(1.0, wanted));
}

double conformal_bound(std::span<double> scores, double coverage) {
  const std::size_t rank = conformal_rank(scores.size(), coverage);
  if (rank > scores.size()) return std::numeric_limits<double>::infinity();
  const auto nth = scores.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(scores.begin(), nth, scores.end());
  return *nth;
}

}  // namespace orrery
