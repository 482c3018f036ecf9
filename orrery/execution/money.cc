#include "orrery/execution/money.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr std::int64_t kPartsPerBillion = 1'000'000'000;

/// Rounds a product of known 128-bit value that does not fit in 64 bits.
std::int64_t divide_wide(__int128 numerator, std::int64_t denominator) {
  __int128 quotient = numerator / denominator;
  const __int128 remainder = numerator % denominator;
  const __int128 twice = 2 * (remainder < 0 ? -remainder : remainder);
  if (twice > denominator || (twice == denominator && (quotient & 1) != 0))
    quotient += numerator < 0 ? -1 : 1;
  if (quotient > std::numeric_limits<std::int64_t>::max() ||
      quotient < std::numeric_limits<std::int64_t>::min()) {
    throw_money_overflow("product", static_cast<double>(quotient));
  }
  return static_cast<std::int64_t>(quotient);
}

std::int64_t divide_narrow(std::int64_t numerator, std::int64_t denominator) {
  const std::int64_t quotient = numerator / denominator;
  const std::int64_t remainder = numerator % denominator;
  const std::int64_t rest = remainder < 0 ? -remainder : remainder;
  const std::int64_t above = denominator - rest;
  if (rest < above || (rest == above && (quotient & 1) == 0)) return quotient;
  return quotient + (numerator < 0 ? -1 : 1);
}

std::int64_t multiply_divide(std::int64_t left, std::int64_t right, std::int64_t denominator) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(left, right, &product)) return divide_narrow(product, denominator);
  return divide_wide(static_cast<__int128>(left) * right, denominator);
}

std::int64_t round_scaled(double value, double scale, const char* what) {
  const double scaled = std::nearbyint(value * scale);
  constexpr double kLimit = 9.2e18;
  if (!(std::abs(scaled) <= kLimit)) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("{} must be finite and below {:.0f} in size; found {}", what, kLimit / scale, value));
  }
  return static_cast<std::int64_t>(scaled);
}

}  // namespace

void throw_money_overflow(const char* operation, double value) {
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("a {} of money or shares leaves the range of ±9.2e12 units: {:.6g} units",
                               operation, value / static_cast<double>(kMicrosPerUnit)));
}

Money to_money(double units) { return {round_scaled(units, kMicrosPerUnit, "an amount of money")}; }

Quantity to_quantity(double shares) { return {round_scaled(shares, kMicrosPerUnit, "a number of shares")}; }

Rate rate_from_basis_points(double basis_points) {
  if (!(basis_points >= 0.0 && basis_points <= 10000.0)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a cost in basis points must lie in [0, 10000]; found {}", basis_points));
  }
  constexpr double kPartsPerBasisPoint = 1e5;
  return {round_scaled(basis_points, kPartsPerBasisPoint, "a cost in basis points")};
}

Rate to_rate(double ratio) {
  if (!(std::abs(ratio) <= 1e6)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("a ratio must be finite and within ±1e6; found {}", ratio));
  }
  return {round_scaled(ratio, static_cast<double>(kPartsPerBillion), "a ratio")};
}

std::int64_t divide_half_even(__int128 numerator, std::int64_t denominator) {
  return divide_wide(numerator, denominator);
}

Money multiply(Money price, Quantity quantity) {
  return {multiply_divide(price.micros, quantity.micros, kMicrosPerUnit)};
}

Money multiply(Money amount, Rate rate) {
  return {multiply_divide(amount.micros, rate.parts_per_billion, kPartsPerBillion)};
}

Quantity multiply(Quantity quantity, Rate rate) {
  return {multiply_divide(quantity.micros, rate.parts_per_billion, kPartsPerBillion)};
}

Money divide(Money amount, Rate rate) {
  const __int128 scaled = static_cast<__int128>(amount.micros) * kPartsPerBillion;
  return {divide_wide(scaled, rate.parts_per_billion)};
}

Money prorate(Money total, Quantity part, Quantity whole) {
  __int128 product = static_cast<__int128>(total.micros) * part.micros;
  if (whole.micros < 0) product = -product;
  return {divide_wide(product, magnitude(whole).micros)};
}

Quantity round_down(Quantity quantity, Quantity lot) {
  return {quantity.micros - quantity.micros % lot.micros};
}

Quantity shares_for(Money amount, Money price, Quantity lot) {
  const __int128 shares = static_cast<__int128>(amount.micros) * kMicrosPerUnit / price.micros;
  if (shares > std::numeric_limits<std::int64_t>::max() ||
      shares < std::numeric_limits<std::int64_t>::min()) {
    throw_money_overflow("quotient", static_cast<double>(shares));
  }
  return round_down({static_cast<std::int64_t>(shares)}, lot);
}

}  // namespace orrery
