#include "plugins/operators/trigonometry/elementary.h"

#include <cmath>
#include <cstddef>
#include <limits>

namespace orrery::plugins::operators {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr double kLargestAngle = 35184372088832.0;  // 2^45

// Half a pi and ln 2 in parts of a double each, together far beyond what a double holds.
constexpr double kHalfPi = 0x1.921fb54442d18p+0;
constexpr double kHalfPiMiddle = 0x1.1a62633145c07p-54;
constexpr double kHalfPiLow = -0x1.f1976b7ed8fbcp-110;
constexpr double kTwoOverPi = 0x1.45f306dc9c883p-1;
constexpr double kLn2 = 0x1.62e42fefa39efp-1;
constexpr double kLn2Low = 0x1.abc9e3b39803fp-56;
constexpr double kOneOverLn2 = 0x1.71547652b82fep+0;

/// The fused step as the instruction does it.
double fused(double a, double b, double c) { return __builtin_fma(a, b, c); }

/// c[0] + c[1] x + c[2] x^2 + ...
template <std::size_t kCount>
double polynomial(const double (&c)[kCount], double x) {
  double result = c[kCount - 1];
  for (std::size_t i = kCount - 1; i-- > 0;) result = fused(result, x, c[i]);
  return result;
}

// Taylor series; the first term left out is below the last place on the interval that each is used on.
constexpr double kSineTerms[] = {
    -1.0 / 6,        1.0 / 120,        -1.0 / 5040,          1.0 / 362880,
    -1.0 / 39916800, 1.0 / 6227020800, -1.0 / 1307674368000, 1.0 / 355687428096000};
constexpr double kCosineTerms[] = {
    1.0 / 24,        -1.0 / 720,         1.0 / 40320,          -1.0 / 3628800,
    1.0 / 479001600, -1.0 / 87178291200, 1.0 / 20922789888000, -1.0 / 6402373705728000};
constexpr double kHyperbolicTerms[] = {1.0 / 6,
                                       1.0 / 120,
                                       1.0 / 5040,
                                       1.0 / 362880,
                                       1.0 / 39916800,
                                       1.0 / 6227020800,
                                       1.0 / 1307674368000,
                                       1.0 / 355687428096000,
                                       1.0 / 121645100408832000};
constexpr double kExponentialTerms[] = {0.5,           1.0 / 6,        1.0 / 24,        1.0 / 120,
                                        1.0 / 720,     1.0 / 5040,     1.0 / 40320,     1.0 / 362880,
                                        1.0 / 3628800, 1.0 / 39916800, 1.0 / 479001600, 1.0 / 6227020800};
constexpr double kArcTangentTerms[] = {-1.0 / 3,  1.0 / 5,  -1.0 / 7,  1.0 / 9,  -1.0 / 11, 1.0 / 13,
                                       -1.0 / 15, 1.0 / 17, -1.0 / 19, 1.0 / 21, -1.0 / 23, 1.0 / 25};

/// An angle as `quarter` turns of half a pi and a rest of at most a quarter pi, in two parts.
struct Reduced {
  double rest = kNan;
  double low = 0.0;
  std::int64_t quarter = 0;
};

Reduced reduced(double x) {
  if (!(x >= -kLargestAngle && x <= kLargestAngle)) return {};
  const double turns = __builtin_rint(x * kTwoOverPi);
  const double first = fused(-turns, kHalfPi, x);  // exact
  const double middle = turns * kHalfPiMiddle;
  const double rest = first - middle;
  // What the product and the difference have lost.
  const double taken = first - rest;
  double low = (first - (rest + taken)) + (taken - middle) - fused(turns, kHalfPiMiddle, -middle);
  low = fused(-turns, kHalfPiLow, low);
  return {rest + low, low - ((rest + low) - rest), static_cast<std::int64_t>(turns)};
}

double sine_of_rest(const Reduced& angle) {
  const double r = angle.rest;
  const double square = r * r;
  // sin(r + low) = sin r + low cos r
  return r + fused(r * square, polynomial(kSineTerms, square), angle.low * (1.0 - 0.5 * square));
}

double cosine_of_rest(const Reduced& angle) {
  const double r = angle.rest;
  const double square = r * r;
  const double half = 0.5 * square;
  const double head = 1.0 - half;
  const double tail = (1.0 - head) - half;
  return head + (tail + fused(square * square, polynomial(kCosineTerms, square), -r * angle.low));
}

/// Sine of an angle that is turned on by `quarters`.
double turned(const Reduced& angle, std::int64_t quarters) {
  const std::int64_t quarter = (angle.quarter + quarters) & 3;
  const double value = (quarter & 1) != 0 ? cosine_of_rest(angle) : sine_of_rest(angle);
  return (quarter & 2) != 0 ? -value : value;
}

/// 2^power as a product of two, so that neither overflows before the result does.
double scaled(double value, int power) {
  const int half = power / 2;
  return __builtin_ldexp(__builtin_ldexp(value, half), power - half);
}

double exponential(double x) {
  if (!(x < 710.0)) return x - x == 0.0 || x > 0.0 ? std::numeric_limits<double>::infinity() : kNan;
  if (x < -745.0) return 0.0;
  const double turns = __builtin_rint(x * kOneOverLn2);
  const double first = fused(-turns, kLn2, x);
  const double r = fused(-turns, kLn2Low, first);
  const double low = fused(-turns, kLn2Low, first - r);
  const double tail = fused(r * r, polynomial(kExponentialTerms, r), low);
  return scaled(1.0 + (r + tail), static_cast<int>(turns));
}

/// Hyperbolic sine of at most 1 in size.
double small_hyperbolic_sine(double x) {
  const double square = x * x;
  return fused(x * square, polynomial(kHyperbolicTerms, square), x);
}

}  // namespace

double sine(double x) { return turned(reduced(x), 0); }
double cosine(double x) { return turned(reduced(x), 1); }
double tangent(double x) {
  const Reduced angle = reduced(x);
  return turned(angle, 0) / turned(angle, 1);
}

double arc_tangent(double x) {
  const double size = __builtin_fabs(x);
  if (size > 1.0) {
    const double rest = arc_tangent(1.0 / size);
    return __builtin_copysign(kHalfPi - (rest - kHalfPiMiddle), x);
  }
  // The angle is halved twice: tan(a / 2) = tan a / (1 + sqrt(1 + tan^2 a)); the series then needs 12 terms.
  const double half = size / (1.0 + __builtin_sqrt(fused(size, size, 1.0)));
  const double quarter = half / (1.0 + __builtin_sqrt(fused(half, half, 1.0)));
  const double square = quarter * quarter;
  const double result = 4.0 * fused(quarter * square, polynomial(kArcTangentTerms, square), quarter);
  return __builtin_copysign(result, x);
}

double arc_sine(double x) {
  if (!(x >= -1.0 && x <= 1.0)) return kNan;
  return arc_tangent(x / __builtin_sqrt(fused(-x, x, 1.0)));
}

double arc_cosine(double x) {
  if (!(x >= -1.0 && x <= 1.0)) return kNan;
  return 2.0 * arc_tangent(__builtin_sqrt((1.0 - x) / (1.0 + x)));
}

double hyperbolic_sine(double x) {
  if (__builtin_fabs(x) <= 1.0) return small_hyperbolic_sine(x);
  const double half = exponential(0.5 * __builtin_fabs(x));  // e^x itself overflows before the sine does
  return __builtin_copysign(half * (0.5 * half) - 0.5 / half / half, x);
}

double hyperbolic_cosine(double x) {
  const double half = exponential(0.5 * __builtin_fabs(x));
  return half * (0.5 * half) + 0.5 / half / half;
}

double hyperbolic_tangent(double x) {
  const double size = __builtin_fabs(x);
  if (size <= 1.0) return small_hyperbolic_sine(x) / hyperbolic_cosine(x);
  return __builtin_copysign(1.0 - 2.0 / (exponential(2.0 * size) + 1.0), x);
}

}  // namespace orrery::plugins::operators
