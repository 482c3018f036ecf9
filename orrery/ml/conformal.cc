#include "orrery/ml/conformal.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace orrery {

double conformal_bound(std::span<double> scores, double coverage) {
  // A product a rounding above a whole number is that number.
  const double wanted = std::ceil(static_cast<double>(scores.size() + 1) * coverage - 1e-9);
  const auto rank = static_cast<std::size_t>(std::max(1.0, wanted));
  if (rank > scores.size()) return std::numeric_limits<double>::infinity();
  const auto nth = scores.begin() + static_cast<std::ptrdiff_t>(rank - 1);
  std::nth_element(scores.begin(), nth, scores.end());
  return *nth;
}

}  // namespace orrery
