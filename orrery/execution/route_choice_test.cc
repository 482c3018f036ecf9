#include "orrery/execution/route_choice.h"

#include <gtest/gtest.h>

#include <limits>

namespace orrery::route_choice_test {
namespace {

VenueTerms venue(const std::string& name, double bps, double min_cost = 0.0, double per_share = 0.0) {
  VenueTerms terms;
  terms.name = name;
  terms.commission_bps = bps;
  terms.min_cost = min_cost;
  terms.per_share = per_share;
  return terms;
}

/// Two venues with money and shares, and an order between them.
class Books {
 public:
  explicit Books(std::vector<VenueTerms> terms) : books_(kMicroShare), up_(terms.size(), true) {
    books_.take_terms(terms);
  }
  void give(std::size_t place, double cash, double shares = 0.0) {
    books_.correct(place, "A", to_quantity(shares), to_money(cash));
  }
  void order(OrderSide side, double shares, double budget = 1e9) {
    BrokerOrder made;
    made.id = 1;
    made.symbol = "A";
    made.side = side;
    made.quantity = to_quantity(shares);
    made.budget = to_money(budget);
    made.volume_limit = to_quantity(1e9);
    books_.take_order(made);
  }
  RouteStep step(double price = 10.0) const {
    return choose_route(books_, books_.orders().at(1), up_, to_money(price));
  }
  /// Does the next leg: so many shares of it, then the rest for a reason.
  void fill(double shares, UnfilledReason reason = UnfilledReason::kNone, double price = 10.0) {
    const RouteStep next = step();
    ASSERT_EQ(next.kind, RouteStep::Kind::kLeg);
    books_.bind(1, next.leg);
    const std::size_t place = books_.place_of(next.leg.venue);
    Quantity rest = next.leg.order.quantity - to_quantity(shares);
    if (shares > 0.0) {
      OrderEvent event;
      event.order_id = next.leg.order.id;
      event.quantity = to_quantity(shares);
      event.price = to_money(price);
      event.last = rest.micros == 0 || reason == UnfilledReason::kNone;
      books_.take_answer(place, {books_.venues()[place].last_answer + 1, event});
    }
    if (reason == UnfilledReason::kNone) return;
    rest = std::min(rest, books_.orders().at(1).left);
    OrderEvent event;
    event.kind = OrderEventKind::kUnfilled;
    event.order_id = next.leg.order.id;
    event.quantity = rest;
    event.unfilled_reason = reason;
    books_.take_answer(place, {books_.venues()[place].last_answer + 1, event});
  }

  RouteBooks books_;
  std::vector<bool> up_;
};

void expect_leg(const RouteStep& step, const std::string& venue, double shares) {
  ASSERT_EQ(step.kind, RouteStep::Kind::kLeg);
  EXPECT_EQ(step.leg.venue, venue);
  EXPECT_EQ(step.leg.order.quantity, to_quantity(shares));
}

void expect_end(const RouteStep& step, double rest, UnfilledReason reason) {
  ASSERT_EQ(step.kind, RouteStep::Kind::kEnd);
  EXPECT_EQ(step.rest, to_quantity(rest));
  if (rest > 0.0) {
    EXPECT_EQ(step.reason, reason);
  }
}

TEST(RouteChoice, TheCheapestHasTheOrderAndTheFirstWhereCostsAreEqual) {
  Books books({venue("a", 5), venue("b", 2), venue("c", 2)});
  for (std::size_t i = 0; i < 3; ++i) books.give(i, 1e6);
  books.order(OrderSide::kBuy, 100);
  expect_leg(books.step(), "b", 100);
}

TEST(RouteChoice, AMinimumAndAFeeOfEachShareCountByTheSizeOfTheOrder) {
  const std::vector<VenueTerms> terms{venue("minimum", 1, 5.0), venue("rate", 10),
                                      venue("shares", 0, 0, 0.05)};
  const auto chosen = [&terms](double shares, double price) {
    Books books(terms);
    for (std::size_t i = 0; i < 3; ++i) books.give(i, 1e9);
    books.order(OrderSide::kBuy, shares);
    return books.step(price).leg.venue;
  };
  EXPECT_EQ(chosen(10, 10.0), "rate") << "100 in money: 5, 0.1 or 0.5";
  EXPECT_EQ(chosen(10'000, 10.0), "minimum") << "100,000: 10, 100 or 500";
  EXPECT_EQ(chosen(10, 1000.0), "shares") << "10,000: 5, 10 or 0.5";
}

TEST(RouteChoice, WhoTakesNoSuchOrderIsNotAsked) {
  std::vector<VenueTerms> terms{venue("a", 1), venue("b", 5)};
  terms[0].shorts = false;
  terms[0].types = {OrderType::kMarketOnClose};
  Books books(terms);
  books.order(OrderSide::kSell, 10);
  expect_leg(books.step(), "b", 10);
  EXPECT_FALSE(takes(terms[0], OrderType::kLimit, false));
  EXPECT_TRUE(takes(terms[1], OrderType::kLimit, true));
}

TEST(RouteChoice, WhereNobodyTakesItTheOrderIsRefused) {
  std::vector<VenueTerms> terms{venue("a", 1)};
  terms[0].shorts = false;
  Books books(terms);
  books.order(OrderSide::kSell, 10);
  expect_end(books.step(), 10, UnfilledReason::kRefused);
}

TEST(RouteChoice, ASaleGoesToWhoHoldsTheSharesCheapestFirst) {
  Books books({venue("a", 5), venue("b", 1), venue("c", 0)});
  books.give(0, 0, 60);
  books.give(1, 0, 40);
  books.order(OrderSide::kSell, 90);
  expect_leg(books.step(), "b", 40);
  EXPECT_TRUE(books.step().leg.closes);
  books.fill(40);
  expect_leg(books.step(), "a", 50);
  EXPECT_EQ(books.step().leg.order.volume_limit, to_quantity(1e9 - 40)) << "what the first has taken of it";
  books.fill(50);
  expect_end(books.step(), 0, UnfilledReason::kNone);
}

TEST(RouteChoice, WhatIsSoldBeyondAllHoldingsIsShortAtTheCheapest) {
  Books books({venue("a", 5), venue("b", 1)});
  books.give(0, 0, 60);
  books.order(OrderSide::kSell, 90);
  expect_leg(books.step(), "a", 60);
  books.fill(60);
  expect_leg(books.step(), "b", 30);
  EXPECT_FALSE(books.step().leg.closes);
}

TEST(RouteChoice, ACoverGoesToWhoIsShort) {
  Books books({venue("a", 0), venue("b", 9)});
  books.give(0, 1e6, 0);
  books.give(1, -50, -10);
  books.order(OrderSide::kBuy, 10);
  expect_leg(books.step(), "b", 10);
  EXPECT_FALSE(books.step().leg.own_limit) << "a cover may take a venue's cash below zero";
}

TEST(RouteChoice, APurchaseBeyondAVenuesCashGoesOnToTheNext) {
  Books books({venue("a", 1), venue("b", 2)});
  books.give(0, 300);
  books.give(1, 10'000);
  books.order(OrderSide::kBuy, 100, 5000.0);
  EXPECT_EQ(books.step().leg.order.budget, to_money(300.0));
  books.fill(30, UnfilledReason::kCash);
  expect_leg(books.step(), "b", 70);
  EXPECT_EQ(books.step().leg.order.budget, to_money(4700.0)) << "the order's own budget";
  EXPECT_FALSE(books.step().leg.own_limit);
  books.fill(65, UnfilledReason::kCash);
  expect_end(books.step(), 5, UnfilledReason::kCash);
}

TEST(RouteChoice, AnAmountBecomesSharesAtTheFirstPrice) {
  Books books({venue("a", 1), venue("b", 2)});
  books.give(0, 300);
  books.give(1, 10'000);
  BrokerOrder order;
  order.id = 1;
  order.symbol = "A";
  order.quantity.micros = std::numeric_limits<std::int64_t>::max();
  order.notional = to_money(1000.0);
  order.budget = to_money(5000.0);
  order.volume_limit = to_quantity(1e9);
  books.books_.take_order(order);
  EXPECT_EQ(books.step().leg.order.notional, to_money(1000.0));
  books.fill(30, UnfilledReason::kCash);
  const RouteStep next = books.step();
  expect_leg(next, "b", 70);
  EXPECT_EQ(next.leg.order.notional, Money{});
}

TEST(RouteChoice, ASmallRestOfCashDoesNotDrawTheOrderToADearMinimum) {
  Books books({venue("a", 1, 5.0), venue("b", 4)});
  books.give(0, 100);
  books.give(1, 1e6);
  books.order(OrderSide::kBuy, 1000);
  expect_leg(books.step(), "b", 1000);
}

TEST(RouteChoice, TheMarketsReasonsHoldEverywhere) {
  for (const auto reason : {UnfilledReason::kHalted, UnfilledReason::kPrice, UnfilledReason::kBarVolume,
                            UnfilledReason::kAverageVolume}) {
    Books books({venue("a", 1), venue("b", 2)});
    books.give(0, 1e6);
    books.give(1, 1e6);
    books.order(OrderSide::kBuy, 100);
    books.fill(40, reason);
    expect_end(books.step(), 60, reason);
  }
}

TEST(RouteChoice, WhatOneRefusesTheNextIsAsked) {
  Books books({venue("a", 1), venue("b", 2)});
  books.give(0, 1e6);
  books.give(1, 1e6);
  books.order(OrderSide::kBuy, 100);
  books.fill(0, UnfilledReason::kRefused);
  expect_leg(books.step(), "b", 100);
  books.fill(0, UnfilledReason::kRefused);
  expect_end(books.step(), 100, UnfilledReason::kRefused);
}

TEST(RouteChoice, AVenueThatIsOutIsPassedOverWhereAnotherCanDo) {
  Books books({venue("a", 1), venue("b", 9)});
  books.give(0, 1e6);
  books.give(1, 1e6);
  books.up_ = {false, true};
  books.order(OrderSide::kBuy, 100);
  expect_leg(books.step(), "b", 100);
  books.up_ = {false, false};
  EXPECT_EQ(books.step().kind, RouteStep::Kind::kWait);
}

TEST(RouteChoice, WhatOnlyAVenueThatIsOutCanDoWaits) {
  Books shares({venue("a", 1), venue("b", 9)});
  shares.give(0, 0, 10);
  shares.up_ = {false, true};
  shares.order(OrderSide::kSell, 10);
  EXPECT_EQ(shares.step().kind, RouteStep::Kind::kWait) << "it must not be sold short elsewhere";
  Books cash({venue("a", 1), venue("b", 9)});
  cash.give(0, 1e6);
  cash.up_ = {false, true};
  cash.order(OrderSide::kBuy, 10);
  EXPECT_EQ(cash.step().kind, RouteStep::Kind::kWait);
}

TEST(RouteChoice, WithoutCashAnywhereOneVenueSaysWhy) {
  Books books({venue("a", 1), venue("b", 2)});
  books.order(OrderSide::kBuy, 10, 0.0);
  expect_leg(books.step(), "a", 10);
  books.fill(0, UnfilledReason::kCash);
  expect_end(books.step(), 10, UnfilledReason::kCash);
}

TEST(RouteChoice, LegsHaveIdsOfTheirOwn) {
  Books books({venue("a", 5), venue("b", 1)});
  books.give(0, 0, 6);
  books.give(1, 0, 4);
  books.order(OrderSide::kSell, 10);
  EXPECT_EQ(books.step().leg.order.id, kLegsPerOrder);
  books.fill(4);
  EXPECT_EQ(books.step().leg.order.id, kLegsPerOrder + 1);
}

}  // namespace
}  // namespace orrery::route_choice_test
