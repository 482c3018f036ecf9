#include "orrery/base/float_dot.h"

#include <array>

namespace orrery {

double dot(const float* a, const float* b, std::size_t count) {
  std::array<float, kDotLanes> lanes{};
  for (std::size_t i = 0; i < count; i += kDotLanes) {
    for (std::size_t lane = 0; lane < kDotLanes; ++lane) lanes[lane] += a[i + lane] * b[i + lane];
  }
  double sum = 0.0;
  for (const float lane : lanes) sum += static_cast<double>(lane);
  return sum;
}

}  // namespace orrery
