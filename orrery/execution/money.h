#pragma once

#include <compare>
#include <cstdint>

namespace orrery {

/// One unit (a dollar, a share) is a million micro-units.
inline constexpr std::int64_t kMicrosPerUnit = 1'000'000;

/// Throws kInvalidArgument: an amount left the range of ±9.2e12 units.
[[noreturn]] void throw_money_overflow(const char* operation, double value);

/// An amount in 64-bit micro-units. All arithmetic is exact or rounds half to even once, and never wraps:
/// results beyond ±9.2e12 units are an Error (kInvalidArgument).
template <class Tag>
struct Micros {
  std::int64_t micros = 0;

  auto operator<=>(const Micros&) const = default;
  Micros operator-() const { return Micros{} - *this; }
  Micros operator+(Micros other) const {
    Micros sum;
    if (__builtin_add_overflow(micros, other.micros, &sum.micros)) {
      throw_money_overflow("sum", static_cast<double>(micros) + static_cast<double>(other.micros));
    }
    return sum;
  }
  Micros operator-(Micros other) const {
    Micros difference;
    if (__builtin_sub_overflow(micros, other.micros, &difference.micros)) {
      throw_money_overflow("difference", static_cast<double>(micros) - static_cast<double>(other.micros));
    }
    return difference;
  }
  Micros& operator+=(Micros other) { return *this = *this + other; }
  Micros& operator-=(Micros other) { return *this = *this - other; }

  /// Returns the nearest double in whole units; exact to the micro-unit below 4e9 units.
  double units() const { return static_cast<double>(micros) / static_cast<double>(kMicrosPerUnit); }
};

/// An amount of money, or a price of one share.
using Money = Micros<struct MoneyTag>;
/// A number of shares; negative when sold or short. Whole shares are multiples of kMicrosPerUnit.
using Quantity = Micros<struct QuantityTag>;

/// A proportion in parts per billion, such as a commission rate.
struct Rate {
  std::int64_t parts_per_billion = 0;
  bool operator==(const Rate&) const = default;
};

/// Rounds to the nearest micro-unit, half to even. Errors: kInvalidArgument when not finite or too large.
Money to_money(double units);
Quantity to_quantity(double shares);
/// 1 bp = 0.01 %. Errors: kInvalidArgument outside [0, 10000].
Rate rate_from_basis_points(double basis_points);
/// Rounds a ratio to parts per billion. Errors: kInvalidArgument when not finite or beyond ±1e6.
Rate to_rate(double ratio);

/// Returns numerator / denominator, rounded half to even. `denominator` must be positive.
/// Errors: kInvalidArgument when the result leaves 64 bits.
std::int64_t divide_half_even(__int128 numerator, std::int64_t denominator);

/// Returns price × quantity, computed exactly and rounded once.
Money multiply(Money price, Quantity quantity);
/// Returns amount × rate, computed exactly and rounded once.
Money multiply(Money amount, Rate rate);
Quantity multiply(Quantity quantity, Rate rate);
/// Returns amount / rate, rounded once; the rate must be positive.
Money divide(Money amount, Rate rate);
/// Returns the part of `total` that belongs to `part` of `whole`; `whole` must not be zero.
Money prorate(Money total, Quantity part, Quantity whole);

/// Returns how many shares `amount` buys at `price` > 0, rounded toward zero to a multiple of `lot` > 0.
Quantity shares_for(Money amount, Money price, Quantity lot);
/// Rounds toward zero to a multiple of `lot` > 0.
Quantity round_down(Quantity quantity, Quantity lot);

inline Quantity magnitude(Quantity quantity) { return quantity.micros < 0 ? -quantity : quantity; }
inline Money magnitude(Money amount) { return amount.micros < 0 ? -amount : amount; }

inline constexpr Quantity kWholeShare{kMicrosPerUnit};
inline constexpr Quantity kMicroShare{1};

}  // namespace orrery
