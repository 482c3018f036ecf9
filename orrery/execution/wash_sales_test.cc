#include "orrery/execution/wash_sales.h"

#include <gtest/gtest.h>

#include "orrery/base/random.h"
#include "testing/bookings.h"
#include "testing/checked_orders.h"

namespace orrery::wash_sales_test {
namespace {

using testing::checked_order;
using testing::split_by;
using testing::trade_for;

Money disallowed(const WashSaleBook& book, std::size_t account = 0) {
  Money sum;
  for (const RealisedLot& lot : book.lots(account).realised()) sum += lot.disallowed;
  return sum;
}

// IRS Pub. 550, Wash Sales, Example 1: 100 shares for $1,000, sold for $750; 100 bought for $800 within 30
// days. The loss of $250 can't be deducted; the basis of the new stock is $1,050.
TEST(WashSales, Publication550Example) {
  WashSaleBook book;
  book.book(trade_for(make_date(2024, 3, 1), 100, 1000));
  book.book(trade_for(make_date(2024, 5, 1), -100, 750));
  EXPECT_EQ(disallowed(book), Money{});
  book.book(trade_for(make_date(2024, 5, 20), 100, 800));
  EXPECT_EQ(disallowed(book), to_money(250));
  EXPECT_EQ(book.lots().realised()[0].recognised(), Money{});
  ASSERT_EQ(book.lots().open(0).size(), 1u);
  EXPECT_EQ(book.lots().open(0)[0].cost, to_money(1050));
}

// Treas. Reg. 1.1091-1(h), Example 1: the later purchase came first.
TEST(WashSales, RegulationExample1APurchaseBeforeTheSale) {
  WashSaleBook book;
  book.book(trade_for(make_date(1954, 12, 1), 100, 10'000));
  book.book(trade_for(make_date(1954, 12, 15), 100, 9'000));
  book.book(trade_for(make_date(1955, 1, 3), -100, 9'000));
  EXPECT_EQ(book.lots().realised()[0].recognised(), Money{});
  EXPECT_EQ(book.lots().open(0)[0].cost, to_money(10'000));
}

// Example 2 (and Pub. 550, "More or less stock bought than sold"): 75 of 100 shares are replaced.
TEST(WashSales, RegulationExample2LessBoughtThanSold) {
  WashSaleBook book;
  book.book(trade_for(make_date(1954, 9, 21), 100, 5'000));
  book.book(trade_for(make_date(1954, 12, 21), 50, 2'750));
  book.book(trade_for(make_date(1954, 12, 27), 25, 1'125));
  book.book(trade_for(make_date(1955, 1, 3), -100, 4'000));
  EXPECT_EQ(disallowed(book), to_money(750));
  EXPECT_EQ(book.lots().realised()[0].recognised(), to_money(-250));
  ASSERT_EQ(book.lots().open(0).size(), 2u);
  EXPECT_EQ(book.lots().open(0)[0].cost, to_money(3'250));
  EXPECT_EQ(book.lots().open(0)[1].cost, to_money(1'375));
}

// Example 3: the first 100 of 200 shares bought replace, and the time held goes with the loss.
TEST(WashSales, RegulationExample3MoreBoughtThanSold) {
  WashSaleBook book;
  book.book(trade_for(make_date(1954, 9, 15), 100, 5'000));
  book.book(trade_for(make_date(1956, 2, 1), -100, 4'000));
  for (int day = 15; day <= 18; ++day) book.book(trade_for(make_date(1956, 2, day), 50, 2'000));
  EXPECT_EQ(disallowed(book), to_money(1'000));
  const auto lots = book.lots().open(0);
  ASSERT_EQ(lots.size(), 4u);
  const int held = make_date(1956, 2, 1) - make_date(1954, 9, 15);
  for (const std::size_t i : {0U, 1U}) {
    EXPECT_EQ(lots[i].cost, to_money(2'500));
    EXPECT_EQ(lots[i].held_since, lots[i].acquired - held);
  }
  for (const std::size_t i : {2U, 3U}) {
    EXPECT_EQ(lots[i].cost, to_money(2'000));
    EXPECT_EQ(lots[i].held_since, lots[i].acquired);
  }
}

// Treas. Reg. 1.1091-2, Examples 1 and 2: a share for $100, sold for $80; another for $90, or for $70.
TEST(WashSales, RegulationOnBasis) {
  for (const auto& [price, basis] : {std::pair{90.0, 110.0}, std::pair{70.0, 90.0}}) {
    WashSaleBook book;
    book.book(trade_for(make_date(1935, 6, 3), 1, 100));
    book.book(trade_for(make_date(1955, 1, 15), -1, 80));
    book.book(trade_for(make_date(1955, 2, 1), 1, price));
    EXPECT_EQ(book.lots().open(0)[0].cost, to_money(basis));
  }
}

TEST(WashSales, TheWindowIsThirtyDaysOnEitherSide) {
  const auto deferred = [](int bought_after) {
    const Date sale = make_date(2024, 6, 3);
    WashSaleBook book;
    book.book(trade_for(sale - 200, 10, 100));
    if (bought_after < 0) book.book(trade_for(sale + bought_after, 10, 80));
    book.book(trade_for(sale, -10, 70));
    if (bought_after >= 0) book.book(trade_for(sale + bought_after, 10, 80));
    return disallowed(book).units();
  };
  EXPECT_EQ(deferred(-31), 0.0);
  EXPECT_EQ(deferred(-30), 30.0);
  EXPECT_EQ(deferred(0), 30.0);
  EXPECT_EQ(deferred(30), 30.0);
  EXPECT_EQ(deferred(31), 0.0);
}

// Rev. Rul. 56-602: less of one purchase is no replacement of it.
TEST(WashSales, WhatIsLeftOfAPurchaseDoesNotReplaceIt) {
  WashSaleBook book;
  book.book(trade_for(make_date(2024, 3, 1), 200, 10'000));
  book.book(trade_for(make_date(2024, 3, 20), -100, 4'000));
  EXPECT_EQ(disallowed(book), Money{});
  book.book(trade_for(make_date(2024, 4, 1), 60, 2'400));
  EXPECT_EQ(disallowed(book), to_money(600));
}

// By hand: A loses 20 on day 0 and B (bought back on day 3) replaces it at 90 + 20 = 110; sold at 85 on day 5
// it loses 25, which C of day 9 at 80 takes over: 105. Sold at 120 long after, 15 are gained.
TEST(WashSales, ALossGoesFromReplacementToReplacement) {
  WashSaleBook book;
  const Date start = make_date(2024, 1, 2);
  book.book(trade_for(start - 100, 1, 100));
  book.book(trade_for(start, -1, 80));
  book.book(trade_for(start + 3, 1, 90));
  book.book(trade_for(start + 5, -1, 85));
  book.book(trade_for(start + 9, 1, 80));
  EXPECT_EQ(book.lots().open(0)[0].cost, to_money(105));
  EXPECT_EQ(book.lots().open(0)[0].held_since, start + 9 - 102);
  book.book(trade_for(start + 200, -1, 120));
  EXPECT_EQ(book.lots().realised().back().recognised(), to_money(15));
}

TEST(WashSales, AShareReplacesOnce) {
  WashSaleBook book;
  const Date start = make_date(2024, 1, 2);
  book.book(trade_for(start - 100, 2, 200));
  book.book(trade_for(start, -1, 80));
  book.book(trade_for(start + 1, -1, 70));
  book.book(trade_for(start + 3, 1, 75));
  EXPECT_EQ(book.lots().realised()[0].disallowed, to_money(20));  // the first sale first
  EXPECT_EQ(book.lots().realised()[1].disallowed, Money{});
  book.book(trade_for(start + 4, 1, 75));
  EXPECT_EQ(book.lots().realised()[1].disallowed, to_money(30));
}

TEST(WashSales, GainsAreNotDeferredAndDoNotShelterLosses) {
  WashSaleBook book;
  const Date start = make_date(2024, 1, 2);
  book.book(trade_for(start - 100, 1, 50));
  book.book(trade_for(start - 99, 1, 100));
  book.book(trade_for(start, -2, 160));  // gains 30, loses 20
  book.book(trade_for(start + 1, 2, 160));
  EXPECT_EQ(book.lots().realised()[0].recognised(), to_money(30));
  EXPECT_EQ(book.lots().realised()[1].recognised(), Money{});
}

TEST(WashSales, ALinkedAccountReplaces) {
  WashSaleSettings settings;
  settings.accounts = {LinkedAccount{}, LinkedAccount{}};
  WashSaleBook book(settings);
  const Date start = make_date(2024, 1, 2);
  book.book(trade_for(start - 100, 10, 100), 0);
  book.book(trade_for(start, -10, 70), 0);
  book.book(trade_for(start + 9, 10, 80), 1);
  EXPECT_EQ(disallowed(book), to_money(30));
  EXPECT_EQ(book.lots(1).open(0)[0].cost, to_money(110));
}

// Rev. Rul. 2008-5.
TEST(WashSales, ARetirementAccountLosesTheLossForEver) {
  WashSaleSettings settings;
  settings.accounts = {LinkedAccount{}, LinkedAccount{true}};
  WashSaleBook book(settings);
  const Date start = make_date(2024, 1, 2);
  book.book(trade_for(start - 100, 10, 100), 0);
  book.book(trade_for(start, -10, 70), 0);
  book.book(trade_for(start + 9, 10, 80), 1);
  EXPECT_EQ(disallowed(book), to_money(30));
  EXPECT_EQ(book.lost(), to_money(30));
  EXPECT_EQ(book.lots(1).open(0)[0].cost, to_money(80));
}

TEST(WashSales, ContractsAndCoinsAreExempt) {
  WashSaleSettings settings;
  settings.exempt = {1};
  WashSaleBook book(settings);
  const Date start = make_date(2024, 1, 2);
  book.book(trade_for(start - 100, 10, 100));
  book.book(trade_for(start, -10, 70));
  book.book(trade_for(start + 1, 10, 80));
  EXPECT_EQ(disallowed(book), Money{});
}

TEST(WashSales, ANewShortSaleReplacesAShortSaleAtALoss) {
  WashSaleBook book;
  const Date start = make_date(2024, 1, 2);
  book.book(trade_for(start, -10, 100));
  book.book(trade_for(start + 1, 10, 130));
  book.book(trade_for(start + 2, -10, 120));
  EXPECT_EQ(disallowed(book), to_money(30));
  EXPECT_EQ(book.lots().open(0)[0].cost, to_money(-90));
}

TEST(WashSales, ASplitBetweenScalesWhatIsToBeReplaced) {
  WashSaleBook book;
  const Date start = make_date(2024, 1, 2);
  book.book(trade_for(start - 100, 20, 200));
  book.book(trade_for(start, -10, 70));
  book.book(split_by(start + 1, 10));  // two for one
  book.book(trade_for(start + 2, 10, 40));
  EXPECT_EQ(disallowed(book), to_money(15));
  book.book(trade_for(start + 3, 30, 120));
  EXPECT_EQ(disallowed(book), to_money(30));
}

TEST(WashSales, ForecastWhatAnOrderWouldDefer) {
  WashSaleBook book;
  const Date start = make_date(2024, 1, 2);
  book.book(trade_for(start - 100, 10, 100));
  book.book(trade_for(start, -10, 70));
  const auto buy = [&](int after, double shares) {
    return book.forecast(checked_order(0, OrderSide::kBuy, shares, 8.0, start + after));
  };
  ASSERT_TRUE(buy(30, 4));
  EXPECT_EQ(buy(30, 4)->loss, to_money(12));
  EXPECT_EQ(buy(30, 4)->shares, to_quantity(4));
  EXPECT_EQ(buy(30, 4)->sale, start);
  EXPECT_EQ(buy(1, 40)->loss, to_money(30));
  EXPECT_FALSE(buy(31, 4));
  EXPECT_FALSE(book.forecast(checked_order(1, OrderSide::kBuy, 4, 8.0, start + 1)));
}

TEST(WashSales, ForecastASaleAtALossAfterAPurchase) {
  WashSaleBook book;
  const Date start = make_date(2024, 1, 2);
  book.book(trade_for(start - 100, 10, 100));
  book.book(trade_for(start - 5, 4, 36));
  const auto sell = [&](double price) {
    return book.forecast(checked_order(0, OrderSide::kSell, 10, price, start, 14.0));
  };
  ASSERT_TRUE(sell(7.0));
  EXPECT_EQ(sell(7.0)->loss, to_money(12));
  EXPECT_EQ(sell(7.0)->shares, to_quantity(4));
  EXPECT_EQ(sell(7.0)->bought, start - 5);
  EXPECT_FALSE(sell(11.0));
  EXPECT_EQ(disallowed(book), Money{});
}

/// Trades two names in two accounts at random, dense enough for many wash sales.
std::vector<std::pair<JournalEntry, std::size_t>> random_trades(std::uint64_t seed, int count) {
  Random random(seed);
  std::vector<std::pair<JournalEntry, std::size_t>> trades;
  int day = 0;
  for (int i = 0; i < count; ++i) {
    day += static_cast<int>(random.below(9));
    const double shares = (random.below(2) == 0 ? 1.0 : -1.0) * static_cast<double>(1 + random.below(50));
    const double price = 10.0 + static_cast<double>(random.below(1000)) / 100.0;
    trades.emplace_back(trade_for(make_date(2020, 1, 1) + day, shares, std::abs(shares) * price,
                                  static_cast<std::uint32_t>(random.below(2)), 0.37),
                        random.below(2));
  }
  return trades;
}

TEST(WashSales, OnlyMoveLossesInTimeAndNeverMakeOrLoseMoney) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    WashSaleSettings settings;
    settings.accounts = {LinkedAccount{}, LinkedAccount{seed % 2 == 0}};
    WashSaleBook book(settings);
    TaxLots plain[2];
    Money moved, cash;
    for (const auto& [trade, account] : random_trades(seed, 400)) {
      book.book(trade, account);
      plain[account].book(trade);
      cash += trade.side == OrderSide::kBuy ? -trade.value : trade.value;
      cash -= trade.commission;
      Money recognised, open_cost;
      for (const std::size_t each : {0U, 1U}) {
        for (const RealisedLot& lot : book.lots(each).realised()) {
          ASSERT_GE(lot.disallowed, Money{});
          ASSERT_TRUE(lot.disallowed.micros == 0 || lot.recognised() <= Money{});
          recognised += lot.recognised();
          moved += lot.disallowed;
        }
        for (const std::uint32_t name : {0U, 1U}) {
          ASSERT_EQ(book.lots(each).shares(name), plain[each].shares(name));
          for (const TaxLot& lot : book.lots(each).open(name)) open_cost += lot.cost;
        }
      }
      // What was recognised and what open lots carry is all the money that moved, to the micro-unit.
      ASSERT_EQ(recognised - open_cost, cash + book.lost()) << "seed " << seed;
    }
    ASSERT_GT(moved, Money{});
  }
}

TEST(WashSales, ABookThatIsCutAndRestoredGoesOnTheSame) {
  WashSaleSettings settings;
  settings.accounts = {LinkedAccount{}, LinkedAccount{}};
  settings.method = LotMethod::kHighestCost;
  const auto trades = random_trades(5, 300);
  WashSaleBook whole(settings);
  for (const auto& [trade, account] : trades) whole.book(trade, account);
  for (const std::size_t cut : {0U, 1U, 77U, 150U, 299U}) {
    WashSaleBook first(settings);
    for (std::size_t i = 0; i < cut; ++i) first.book(trades[i].first, trades[i].second);
    WashSaleBook second(settings);
    second.restore(first.save());
    for (std::size_t i = cut; i < trades.size(); ++i) second.book(trades[i].first, trades[i].second);
    EXPECT_EQ(second.save(), whole.save()) << "cut at " << cut;
  }
}

TEST(WashSales, AnAdjustmentIsNoPurchase) {
  WashSaleBook book;
  book.book(trade_for(make_date(2024, 1, 2), 10, 100));
  book.book(trade_for(make_date(2024, 3, 1), -10, 80));  // a loss of 20
  JournalEntry adopted = split_by(make_date(2024, 3, 5), 10);
  adopted.kind = EntryKind::kAdjustment;
  adopted.price = to_money(8);
  book.book(adopted);
  EXPECT_EQ(book.lots().realised()[0].disallowed, Money{});
  book.book(trade_for(make_date(2024, 3, 6), 10, 90));
  EXPECT_EQ(book.lots().realised()[0].disallowed, to_money(20)) << "a purchase is";
}

}  // namespace
}  // namespace orrery::wash_sales_test
