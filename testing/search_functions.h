#pragma once

#include <cmath>
#include <cstdint>
#include <string>

#include "orrery/ml/tuning/search_space.h"

namespace orrery::testing {

// What samplers are tried on, as in search_functions.py: values above the optimum.

inline SearchSpace cube(std::size_t dimensions, double low, double high) {
  SearchSpace space;
  for (std::size_t i = 0; i < dimensions; ++i)
    space.push_back({"x" + std::to_string(i), TunedParameter::Kind::kReal, low, high, false, {}});
  return space;
}

inline double sphere(const TuningPoint& p) {
  double sum = 0.0;
  for (const double x : p) sum += x * x;
  return sum;
}

inline double rosenbrock(const TuningPoint& p) {
  const double bend = p[1] - p[0] * p[0];
  return (1.0 - p[0]) * (1.0 - p[0]) + 100.0 * bend * bend;
}

/// A parameter of each kind.
inline SearchSpace mixed_space() {
  using Kind = TunedParameter::Kind;
  return {{"rate", Kind::kReal, 1e-4, 1.0, true, {}},
          {"leaves", Kind::kInteger, 2.0, 256.0, true, {}},
          {"depth", Kind::kInteger, 1.0, 12.0, false, {}},
          {"kind",
           Kind::kChoice,
           0.0,
           0.0,
           false,
           {std::int64_t{0}, std::int64_t{1}, std::int64_t{2}, std::int64_t{3}}}};
}

inline double mixed(const TuningPoint& p) {
  constexpr double kKinds[] = {0.0, 0.3, 0.6, 1.0};
  const double rate = std::log10(p[0]) + 2.0;
  const double leaves = std::log2(p[1] / 32.0);
  return rate * rate + leaves * leaves / 4.0 + (p[2] - 7.0) * (p[2] - 7.0) / 16.0 +
         kKinds[static_cast<std::size_t>(p[3])] + 1e-4;
}

}  // namespace orrery::testing
