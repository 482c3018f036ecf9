#include "orrery/execution/change_division.h"

#include <gtest/gtest.h>

#include "orrery/base/random.h"

namespace orrery::change_division_test {
namespace {

Quantity shares(double count) { return to_quantity(count); }

std::vector<VenueStake> stakes(std::vector<double> held) {
  std::vector<VenueStake> made;
  for (const double each : held) made.push_back({shares(1.0), shares(each), to_money(100.0)});
  return made;
}

AccountChange change(EntryKind kind, double quantity, Money cash, const std::string& symbol = "A") {
  return {Date{}, 1, kind, symbol, shares(quantity), cash};
}

TEST(ChangeDivision, ADepositGoesByTheWeightsAndTheRestToTheFirst) {
  const std::vector<VenueStake> thirds{{shares(1), {}, {}}, {shares(1), {}, {}}, {shares(1), {}, {}}};
  const auto parts = divide_change(change(EntryKind::kDeposit, 0.0, Money{100}, ""), thirds, kMicroShare);
  EXPECT_EQ(parts[0].cash, Money{34});
  EXPECT_EQ(parts[1].cash, Money{33});
  EXPECT_EQ(parts[2].cash, Money{33});
  const std::vector<VenueStake> one{{shares(0), {}, {}}, {shares(2), {}, {}}};
  EXPECT_EQ(divide_change(change(EntryKind::kDeposit, 0.0, Money{7}, ""), one, kMicroShare)[1].cash,
            Money{7});
}

TEST(ChangeDivision, ADividendGoesByWhatIsHeld) {
  const auto parts =
      divide_change(change(EntryKind::kDividend, 0.0, Money{10}), stakes({0.0, 1.0, 3.0}), kMicroShare);
  EXPECT_EQ(parts[0].cash, Money{});
  EXPECT_EQ(parts[1].cash, Money{3}) << "2.5, with the rest";
  EXPECT_EQ(parts[2].cash, Money{7});
}

TEST(ChangeDivision, ADelistingClosesWhatEachHolds) {
  const auto parts =
      divide_change(change(EntryKind::kDelisting, -0.3, Money{100}), stakes({0.1, 0.2}), kMicroShare);
  EXPECT_EQ(parts[0].quantity, shares(-0.1));
  EXPECT_EQ(parts[1].quantity, shares(-0.2));
}

TEST(ChangeDivision, WholeSharesStayWholeAfterASplitAndTheFractionIsPaidWhereItLies) {
  // 1 + 2 shares, three for two: 4.5, of which half a share is paid out.
  const auto split = divide_change(change(EntryKind::kSplit, 1.5, {}), stakes({1.0, 2.0}), kWholeShare);
  EXPECT_EQ(split[0].quantity, shares(0.5));
  EXPECT_EQ(split[1].quantity, shares(1.0));
  const auto paid =
      divide_change(change(EntryKind::kCashInLieu, -0.5, Money{9}), stakes({1.5, 3.0}), kWholeShare);
  EXPECT_EQ(paid[0].quantity, shares(-0.5));
  EXPECT_EQ(paid[0].cash, Money{9});
  EXPECT_EQ(paid[1].quantity, shares(0.0));
}

TEST(ChangeDivision, WhatNobodyHoldsGoesToTheFirst) {
  const auto parts = divide_change(change(EntryKind::kSplit, 5.0, {}), stakes({0.0, 0.0}), kMicroShare);
  EXPECT_EQ(parts[0].quantity, shares(5.0));
}

TEST(ChangeDivision, PartsAlwaysAddUp) {
  Random random(1);
  const EntryKind kinds[] = {EntryKind::kDeposit,   EntryKind::kDividend, EntryKind::kSplit,
                             EntryKind::kDelisting, EntryKind::kFunding,  EntryKind::kCashInLieu,
                             EntryKind::kInterest,  EntryKind::kBorrowFee};
  for (int round = 0; round < 20'000; ++round) {
    const bool is_short = random.below(2) == 0;
    std::vector<VenueStake> venues;
    std::int64_t total = 0;
    for (std::size_t i = 0; i <= random.below(3); ++i) {
      const auto held = static_cast<std::int64_t>(random.below(3) * random.below(1'000'000'000));
      venues.push_back({Quantity{static_cast<std::int64_t>(random.below(1000))},
                        Quantity{is_short ? -held : held},
                        Money{static_cast<std::int64_t>(random.below(1'000'000)) - 300'000}});
      total += venues.back().held.micros;
    }
    const EntryKind kind = kinds[random.below(8)];
    AccountChange asked =
        change(kind, 0.0, Money{static_cast<std::int64_t>(random.below(1'000'000)) - 500'000},
               random.below(4) == 0 ? "" : "A");
    if (!asked.symbol.empty()) asked.quantity.micros = kind == EntryKind::kDelisting ? -total : total / 3;
    Quantity quantity;
    Money cash;
    for (const AccountChange& part : divide_change(asked, venues, kMicroShare)) {
      quantity += part.quantity;
      cash += part.cash;
    }
    ASSERT_EQ(quantity, asked.quantity) << round;
    ASSERT_EQ(cash, asked.cash) << round;
  }
}

}  // namespace
}  // namespace orrery::change_division_test
