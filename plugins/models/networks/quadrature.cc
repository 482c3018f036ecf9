#include "plugins/models/networks/quadrature.h"

#include <cmath>
#include <cstddef>
#include <numbers>

namespace orrery::plugins::models::networks {
namespace {

/// A Legendre polynomial's value and slope.
struct Legendre {
  double value = 0.0;
  double slope = 0.0;
};

Legendre legendre(int degree, double x) {
  double before = 1.0;
  double value = x;
  for (int k = 2; k <= degree; ++k) {
    const double next = ((2.0 * k - 1.0) * x * value - (k - 1.0) * before) / k;
    before = value;
    value = next;
  }
  return {value, degree * (x * value - before) / (x * x - 1.0)};
}

/// The root next to a first guess, which Newton's method doubles in digits with every step.
double refine_root(int degree, double x) {
  constexpr int kSteps = 6;
  for (int step = 0; step < kSteps; ++step) {
    const Legendre at = legendre(degree, x);
    x -= at.value / at.slope;
  }
  return x;
}

}  // namespace

std::vector<QuadraturePoint> gauss_legendre(int count) {
  std::vector<QuadraturePoint> points;
  for (int i = count; i >= 1; --i) {
    const double root = refine_root(count, std::cos(std::numbers::pi * (i - 0.25) / (count + 0.5)));
    const double slope = legendre(count, root).slope;
    points.push_back({0.5 * (1.0 + root), 1.0 / ((1.0 - root * root) * slope * slope)});
  }
  return points;
}

}  // namespace orrery::plugins::models::networks
