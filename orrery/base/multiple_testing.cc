#include "orrery/base/multiple_testing.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace orrery {

double two_sided_p_value(double t) { return std::erfc(std::abs(t) / std::sqrt(2.0)); }

std::vector<double> benjamini_hochberg(std::span<const double> p_values) {
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < p_values.size(); ++i) {
    if (!std::isnan(p_values[i])) order.push_back(i);
  }
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return p_values[a] < p_values[b]; });
  std::vector<double> q_values(p_values.size(), std::numeric_limits<double>::quiet_NaN());
  const auto tests = static_cast<double>(order.size());
  double least = 1.0;
  for (std::size_t k = order.size(); k > 0; --k) {
    least = std::min(least, p_values[order[k - 1]] * tests / static_cast<double>(k));
    q_values[order[k - 1]] = least;
  }
  return q_values;
}

}  // namespace orrery
