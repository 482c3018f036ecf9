#pragma once

#include <vector>

namespace orrery::plugins::models::networks {

/// A point of [0, 1] and its weight; the weights sum to 1.
struct QuadraturePoint {
  double position = 0.0;
  double weight = 0.0;
};

/// Returns the `count` points of Gauss and Legendre, ascending: the weighted mean of a polynomial of degree
/// 2 count - 1 or less is its integral. `count`: 1 or more.
/// Source: Abramowitz and Stegun (1964), 25.4.29; roots by Newton's method.
std::vector<QuadraturePoint> gauss_legendre(int count);

}  // namespace orrery::plugins::models::networks
