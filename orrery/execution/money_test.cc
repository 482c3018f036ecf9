#include "orrery/execution/money.h"

#include <gtest/gtest.h>

#include <limits>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::money_test {
namespace {

TEST(Money, RoundsHalfToEven) {
  // 0.0000005 shares at 1, 3, 5 and 7 (× 1e-6): the products end in exactly half a micro-unit.
  const Quantity half{500'000};
  EXPECT_EQ(multiply(Money{1}, half).micros, 0);
  EXPECT_EQ(multiply(Money{3}, half).micros, 2);
  EXPECT_EQ(multiply(Money{5}, half).micros, 2);
  EXPECT_EQ(multiply(Money{7}, half).micros, 4);
  EXPECT_EQ(multiply(Money{-3}, half).micros, -2);
  EXPECT_EQ(multiply(Money{-1}, half).micros, 0);
}

TEST(Money, ReadsDecimals) {
  EXPECT_EQ(to_money(47.07).micros, 47'070'000);
  EXPECT_EQ(to_money(-0.1).micros, -100'000);
  EXPECT_EQ(to_money(2.5e-6).micros, 2);
  EXPECT_EQ(rate_from_basis_points(5).parts_per_billion, 500'000);
  EXPECT_EQ(to_rate(1.0 / 3.0).parts_per_billion, 333'333'333);
}

TEST(Money, MultipliesBeyond64BitsWithoutLoss) {
  // python3 -c "from fractions import Fraction; print(round(Fraction(123456789012 * 98765432109, 10**6)))"
  EXPECT_EQ(multiply(Money{123'456'789'012}, Quantity{98'765'432'109}).micros, 12'193'263'113'559'823);
  EXPECT_EQ(multiply(Money{9'000'000'000'000'000'000}, Rate{500'000}).micros, 4'500'000'000'000'000);
}

TEST(Money, OverflowIsAnError) {
  const Money most{std::numeric_limits<std::int64_t>::max()};
  EXPECT_THROW(most + Money{1}, Error);
  EXPECT_THROW(-most - Money{2}, Error);
  EXPECT_THROW(multiply(most, Quantity{2 * kMicrosPerUnit}), Error);
  EXPECT_THROW(to_money(1e13), Error);
  EXPECT_THROW(to_money(std::numeric_limits<double>::quiet_NaN()), Error);
  EXPECT_THROW(rate_from_basis_points(-1), Error);
}

TEST(Money, SharesNeverCostMoreThanTheAmount) {
  Random random(3);
  for (int i = 0; i < 10000; ++i) {
    const Money amount{static_cast<std::int64_t>(random.below(1'000'000'000'000))};
    const Money price{static_cast<std::int64_t>(1 + random.below(1'000'000'000))};
    for (const Quantity lot : {kMicroShare, kWholeShare}) {
      const Quantity shares = shares_for(amount, price, lot);
      EXPECT_EQ(shares.micros % lot.micros, 0);
      const __int128 cost = static_cast<__int128>(shares.micros) * price.micros;
      const __int128 next = static_cast<__int128>(shares.micros + lot.micros) * price.micros;
      EXPECT_LE(cost, static_cast<__int128>(amount.micros) * kMicrosPerUnit);
      EXPECT_GT(next, static_cast<__int128>(amount.micros) * kMicrosPerUnit);
    }
  }
}

TEST(Money, ProratesToTheWhole) {
  EXPECT_EQ(prorate(Money{10}, Quantity{1}, Quantity{3}).micros, 3);
  EXPECT_EQ(prorate(Money{10}, Quantity{3}, Quantity{3}).micros, 10);
  EXPECT_EQ(prorate(Money{-10}, Quantity{-1}, Quantity{-4}).micros, -2);
}

}  // namespace
}  // namespace orrery::money_test
