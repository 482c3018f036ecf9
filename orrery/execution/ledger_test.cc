#include "orrery/execution/ledger.h"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "orrery/base/random.h"

namespace orrery::ledger_test {
namespace {

Quantity shares(double count) { return to_quantity(count); }

TEST(Ledger, BooksALongPosition) {
  Ledger ledger(2);
  ledger.deposit(to_money(1000));
  const TradeBooking buy = ledger.trade(0, shares(10), to_money(20), to_money(1), to_money(0.5));
  EXPECT_EQ(buy.value, to_money(200));
  EXPECT_EQ(buy.cash, to_money(-201.5));
  ledger.trade(0, shares(10), to_money(30), Money{}, Money{});
  const TradeBooking sell = ledger.trade(0, shares(-5), to_money(28), Money{}, Money{});
  EXPECT_EQ(sell.realised, to_money(15));  // average cost 25
  ASSERT_EQ(ledger.positions().size(), 1u);
  EXPECT_EQ(ledger.positions()[0].cost, to_money(375));
  EXPECT_EQ(ledger.cash(), to_money(1000 - 201.5 - 300 + 140));
}

TEST(Ledger, ATradeThroughZeroClosesAndOpens) {
  Ledger ledger(1);
  ledger.deposit(to_money(1000));
  ledger.trade(0, shares(10), to_money(20), Money{}, Money{});
  const TradeBooking booking = ledger.trade(0, shares(-15), to_money(22), Money{}, Money{});
  EXPECT_EQ(booking.realised, to_money(20));
  EXPECT_EQ(ledger.find(0)->quantity, shares(-5));
  EXPECT_EQ(ledger.find(0)->cost, to_money(-110));
  EXPECT_EQ(ledger.trade(0, shares(5), to_money(21), Money{}, Money{}).realised, to_money(5));
  EXPECT_EQ(ledger.find(0), nullptr);
  EXPECT_EQ(ledger.cash(), to_money(1025));
}

TEST(Ledger, DividendsCreditLongAndChargeShortPositions) {
  Ledger ledger(2);
  ledger.trade(0, shares(10), to_money(20), Money{}, Money{});
  ledger.trade(1, shares(-10), to_money(20), Money{}, Money{});
  EXPECT_EQ(ledger.dividend(0, to_money(0.25)), to_money(2.5));
  EXPECT_EQ(ledger.dividend(1, to_money(0.25)), to_money(-2.5));
  EXPECT_EQ(ledger.dividend(1, to_money(0.25)), to_money(-2.5));
  EXPECT_EQ(ledger.balance(Account::kDividends), to_money(2.5));
}

TEST(Ledger, LongPositionsPayAPositiveFundingRateAndShortOnesGetIt) {
  Ledger ledger(2);
  ledger.trade(0, shares(10), to_money(20), Money{}, Money{});
  ledger.trade(1, shares(-10), to_money(20), Money{}, Money{});
  EXPECT_EQ(ledger.funding(0, to_money(25), to_rate(0.0001)), to_money(-0.025));
  EXPECT_EQ(ledger.funding(1, to_money(25), to_rate(0.0001)), to_money(0.025));
  EXPECT_EQ(ledger.funding(1, to_money(25), to_rate(-0.0004)), to_money(-0.1));
  EXPECT_EQ(ledger.balance(Account::kFunding), to_money(0.1));
  EXPECT_EQ(ledger.cash(), to_money(-0.1));
  EXPECT_EQ(ledger.find(0)->value, to_money(200)) << "the mark price of funding values nothing else";
}

TEST(Ledger, FundingOfNothingIsNothing) {
  Ledger ledger(1);
  EXPECT_EQ(ledger.funding(0, to_money(25), to_rate(0.0001)), Money{});
  EXPECT_EQ(ledger.balance(Account::kFunding), Money{});
}

TEST(Ledger, ASplitKeepsCostAndValue) {
  Ledger ledger(1);
  ledger.trade(0, shares(7), to_money(30), Money{}, Money{});
  EXPECT_EQ(ledger.split(0, to_rate(1.5)), shares(3.5));
  EXPECT_EQ(ledger.find(0)->mark, to_money(20));
  EXPECT_EQ(ledger.find(0)->cost, to_money(210));
  EXPECT_EQ(ledger.find(0)->value, to_money(210));
}

TEST(Ledger, ASplitDownToNothingRealisesTheCost) {
  Ledger ledger(1);
  ledger.trade(0, Quantity{1}, to_money(1000), Money{}, Money{});
  ledger.split(0, to_rate(0.1));
  EXPECT_EQ(ledger.find(0), nullptr);
  EXPECT_EQ(ledger.balance(Account::kRealised), to_money(0.001));
  EXPECT_EQ(ledger.imbalance(), Money{});
}

TEST(Ledger, MarksKeepTheLastPriceOfAHaltedName) {
  Ledger ledger(2);
  ledger.trade(0, shares(1), to_money(10), Money{}, Money{});
  ledger.trade(1, shares(1), to_money(10), Money{}, Money{});
  ledger.mark(std::vector<double>{11.0, std::nan("")});
  ledger.mark(std::vector<double>{12.0, 0.0});
  EXPECT_EQ(ledger.find(0)->value, to_money(12));
  EXPECT_EQ(ledger.find(0)->sessions, 2);
  EXPECT_EQ(ledger.find(1)->value, to_money(10));
  EXPECT_EQ(ledger.find(1)->missing_sessions, 2);
}

/// The same account in long double, entry by entry, with nothing of the ledger's.
struct NaiveAccount {
  long double cash = 0, costs = 0, dividends = 0;
  std::vector<long double> held, price;

  long double equity() const {
    long double sum = cash;
    for (std::size_t i = 0; i < held.size(); ++i) sum += held[i] * price[i];
    return sum;
  }
};

class RandomBookings {
 public:
  explicit RandomBookings(std::uint64_t seed) : random_(seed), ledger_(kNames), closes_(kNames, 50.0) {
    naive_.held.assign(kNames, 0);
    naive_.price.assign(kNames, 50);
    ledger_.deposit(to_money(1e6));
    naive_.cash = 1e6L;
    paid_in_ = to_money(1e6);
  }

  void step() {
    const auto name = static_cast<std::uint32_t>(random_.below(kNames));
    switch (random_.below(6)) {
      case 0:
      case 1:
        trade(name);
        break;
      case 2:
        pay_dividend(name);
        break;
      case 3:
        split(name);
        break;
      case 4:
        pay_funding(name);
        break;
      default:
        mark();
    }
  }

  void check() const {
    ASSERT_EQ(ledger_.imbalance(), Money{});
    Money cost, value;
    for (const Position& position : ledger_.positions()) {
      ASSERT_NE(position.quantity.micros, 0);
      cost += position.cost;
      value += position.value;
    }
    ASSERT_EQ(ledger_.balance(Account::kPositions), cost);
    // Equity is what was paid in, plus everything earned, less everything spent.
    const Money earned = -ledger_.balance(Account::kRealised) - ledger_.balance(Account::kDividends) -
                         ledger_.balance(Account::kCommission) - ledger_.balance(Account::kSlippage) -
                         ledger_.balance(Account::kFunding);
    ASSERT_EQ(ledger_.equity(), paid_in_ + earned + (value - cost));
    // Roundings: at most a micro-unit a booking in cash, and a micro-share a split in each position.
    ASSERT_NEAR(ledger_.cash().units(), static_cast<double>(naive_.cash), 1e-2);
    ASSERT_NEAR(ledger_.equity().units(), static_cast<double>(naive_.equity()), 1.0);
  }

 private:
  static constexpr std::size_t kNames = 8;

  double price_of(std::uint32_t name) { return static_cast<double>(naive_.price[name]); }

  void trade(std::uint32_t name) {
    const double quantity = std::round((random_.uniform() - 0.5) * 1e8) / 1e6;
    const Money price = to_money(price_of(name));
    const Money commission = to_money(std::round(random_.uniform() * 100) / 100);
    ledger_.trade(name, to_quantity(quantity), price, commission, Money{10});
    naive_.held[name] += static_cast<long double>(to_quantity(quantity).micros) / 1e6L;
    naive_.cash -= static_cast<long double>(to_quantity(quantity).micros) / 1e6L * price.units();
    naive_.cash -= static_cast<long double>(commission.micros + 10) / 1e6L;
  }

  void pay_dividend(std::uint32_t name) {
    const Money dividend = to_money(std::round(random_.uniform() * 100) / 100);
    ledger_.dividend(name, dividend);
    naive_.cash += naive_.held[name] * dividend.units();
  }

  void pay_funding(std::uint32_t name) {
    const Money mark = to_money(price_of(name) * (0.99 + 0.02 * random_.uniform()));
    const Rate rate = to_rate((random_.uniform() - 0.5) * 0.01);
    ledger_.funding(name, mark, rate);
    naive_.cash -= naive_.held[name] * static_cast<long double>(mark.micros) / 1e6L *
                   static_cast<long double>(rate.parts_per_billion) / 1e9L;
  }

  void split(std::uint32_t name) {
    constexpr double kRatios[] = {2.0, 0.5, 1.5, 3.0, 0.1, 10.0};
    const double ratio = kRatios[random_.below(6)];
    if (price_of(name) / ratio < 0.5 || price_of(name) / ratio > 5000) return;
    ledger_.split(name, to_rate(ratio));
    naive_.held[name] *= ratio;
    naive_.price[name] = static_cast<long double>(std::nearbyint(price_of(name) / ratio * 1e6)) / 1e6L;
  }

  void mark() {
    for (std::size_t i = 0; i < kNames; ++i) {
      closes_[i] =
          std::round(price_of(static_cast<std::uint32_t>(i)) * (0.95 + 0.1 * random_.uniform()) * 1e4) / 1e4;
      naive_.price[i] = closes_[i];
    }
    ledger_.mark(closes_);
  }

  Random random_;
  Ledger ledger_;
  Money paid_in_;
  std::vector<double> closes_;
  NaiveAccount naive_;
};

TEST(Ledger, ConservesMoneyUnderRandomTradesAndCorporateActions) {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    RandomBookings bookings(seed);
    for (int i = 0; i < 400; ++i) {
      bookings.step();
      bookings.check();
      if (::testing::Test::HasFatalFailure()) FAIL() << "seed " << seed << ", step " << i;
    }
  }
}

}  // namespace
}  // namespace orrery::ledger_test
