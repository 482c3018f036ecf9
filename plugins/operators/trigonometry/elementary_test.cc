// The elementary functions against the C library's of long doubles, which carry eleven more bits.

#include "plugins/operators/trigonometry/elementary.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

namespace orrery::plugins::operators::elementary_test {
namespace {

struct Function {
  std::string name;
  double (*ours)(double);
  long double (*exact)(long double);
  double low;
  double high;
};

const std::vector<Function>& functions() {
  static const std::vector<Function> all = {
      {"sine", sine, sinl, -1e4, 1e4},
      {"sine of large angles", sine, sinl, -3e13, 3e13},
      {"cosine", cosine, cosl, -1e4, 1e4},
      {"cosine of large angles", cosine, cosl, -3e13, 3e13},
      {"tangent", tangent, tanl, -1e4, 1e4},
      {"arc sine", arc_sine, asinl, -1.0, 1.0},
      {"arc cosine", arc_cosine, acosl, -1.0, 1.0},
      {"arc tangent", arc_tangent, atanl, -30.0, 30.0},
      {"arc tangent of large values", arc_tangent, atanl, -1e9, 1e9},
      {"hyperbolic sine", hyperbolic_sine, sinhl, -700.0, 700.0},
      {"hyperbolic sine of small values", hyperbolic_sine, sinhl, -2.0, 2.0},
      {"hyperbolic cosine", hyperbolic_cosine, coshl, -700.0, 700.0},
      {"hyperbolic cosine of small values", hyperbolic_cosine, coshl, -2.0, 2.0},
      {"hyperbolic tangent", hyperbolic_tangent, tanhl, -20.0, 20.0},
      {"hyperbolic tangent of small values", hyperbolic_tangent, tanhl, -2.0, 2.0}};
  return all;
}

/// The error in units of the last place of the exact value.
double error_of(const Function& function, double x) {
  const long double exact = function.exact(x);
  const auto rounded = static_cast<double>(exact);
  const double unit =
      std::nextafter(std::fabs(rounded), std::numeric_limits<double>::infinity()) - std::fabs(rounded);
  return static_cast<double>(std::fabs(function.ours(x) - exact)) / unit;
}

TEST(Elementary, WithinFiveUnitsOfTheLastPlace) {
  std::mt19937_64 random(3);
  for (const Function& function : functions()) {
    std::uniform_real_distribution<double> draw(function.low, function.high);
    double worst = 0.0;
    double where = 0.0;
    for (int i = 0; i < 20000; ++i) {
      const double x = draw(random);
      const double error = error_of(function, x);
      if (error <= worst) continue;
      worst = error;
      where = x;
    }
    EXPECT_LE(worst, 5.0) << function.name << " of " << where;
  }
}

TEST(Elementary, AtTheEdges) {
  const double infinity = std::numeric_limits<double>::infinity();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  for (const Function& function : functions()) EXPECT_TRUE(std::isnan(function.ours(nan))) << function.name;
  EXPECT_EQ(sine(0.0), 0.0);
  EXPECT_EQ(cosine(0.0), 1.0);
  EXPECT_TRUE(std::isnan(sine(infinity)));
  EXPECT_TRUE(std::isnan(cosine(1e15)));
  EXPECT_TRUE(std::isnan(arc_sine(1.0000000000000002)));
  EXPECT_TRUE(std::isnan(arc_cosine(-2.0)));
  EXPECT_EQ(arc_sine(1.0), std::asin(1.0));
  EXPECT_EQ(arc_cosine(-1.0), std::acos(-1.0));
  EXPECT_EQ(arc_tangent(infinity), std::atan(infinity));
  EXPECT_EQ(arc_tangent(-infinity), -std::atan(infinity));
  EXPECT_EQ(hyperbolic_cosine(0.0), 1.0);
  EXPECT_EQ(hyperbolic_sine(infinity), infinity);
  EXPECT_EQ(hyperbolic_sine(-infinity), -infinity);
  EXPECT_EQ(hyperbolic_cosine(-infinity), infinity);
  EXPECT_EQ(hyperbolic_tangent(-infinity), -1.0);
}

}  // namespace
}  // namespace orrery::plugins::operators::elementary_test
