#include "orrery/ml/rank_correlation.h"

#include <cmath>
#include <cstddef>
#include <limits>

#include "orrery/ml/cross_section.h"

namespace orrery {

double rank_correlation(std::span<const double> x, std::span<const double> y) {
  if (x.size() < 2) return std::numeric_limits<double>::quiet_NaN();
  const auto a = average_ranks(x);
  const auto b = average_ranks(y);
  const double middle = (static_cast<double>(x.size()) + 1.0) / 2.0;
  double aa = 0.0, bb = 0.0, ab = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    aa += (a[i] - middle) * (a[i] - middle);
    bb += (b[i] - middle) * (b[i] - middle);
    ab += (a[i] - middle) * (b[i] - middle);
  }
  return ab / std::sqrt(aa * bb);  // 0 / 0 where one does not vary
}

}  // namespace orrery
