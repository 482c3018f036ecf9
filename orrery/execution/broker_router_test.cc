#include "orrery/execution/broker_router.h"

#include <gtest/gtest.h>

#include <numeric>

#include "orrery/base/error.h"
#include "testing/error_message.h"
#include "testing/fake_wait_clock.h"
#include "testing/temporary_folder.h"

namespace orrery::broker_router_test {
namespace {

constexpr double kPrice = 10.0;

/// A broker elsewhere that outlives the program: fills at one price what the budget pays.
struct Venue {
  bool is_down = false;        ///< calls never reach it
  bool loses_replies = false;  ///< orders reach it, and nobody hears of it
  bool refuses = false;
  std::size_t calls = 0;
  std::map<std::uint64_t, BrokerOrder> orders;
  std::vector<BrokerAnswer> answers;
  std::map<std::string, Quantity> held;
  Money cash;
  std::pair<Date, std::uint64_t> last_change;
};

class VenueService final : public BrokerService {
 public:
  explicit VenueService(Venue& venue) : venue_(venue) {}

  void place(const BrokerOrder& order) override {
    call();
    if (venue_.orders.emplace(order.id, order).second) fill(order);
    if (venue_.loses_replies) lose();
  }
  std::vector<BrokerAnswer> answers(std::uint64_t sequence) override {
    call();
    return {venue_.answers.begin() + static_cast<std::ptrdiff_t>(sequence), venue_.answers.end()};
  }
  std::uint64_t last_answer() override {
    call();
    return venue_.answers.size();
  }
  void apply(const AccountChange& change) override {
    call();
    const auto told = std::pair(change.date, change.number);
    if (told <= venue_.last_change) return;
    venue_.last_change = told;
    if (!change.symbol.empty()) venue_.held[change.symbol] += change.quantity;
    venue_.cash += change.cash;
  }
  void flush() override { call(); }
  std::vector<BrokerPosition> positions() override {
    call();
    std::vector<BrokerPosition> held;
    for (const auto& [symbol, quantity] : venue_.held) {
      if (quantity.micros != 0) held.push_back({symbol, quantity});
    }
    return held;
  }
  Money cash() override {
    call();
    return venue_.cash;
  }

 private:
  [[noreturn]] static void lose() { throw external_error(ErrorCode::kUnavailable, "the wire is dead"); }
  void call() const {
    ++venue_.calls;
    if (venue_.is_down) lose();
  }
  void answer(const OrderEvent& event) { venue_.answers.push_back({venue_.answers.size() + 1, event}); }
  void fill(const BrokerOrder& order) {
    OrderEvent event;
    event.order_id = order.id;
    event.price = to_money(kPrice);
    Quantity most = order.quantity;
    if (order.side == OrderSide::kBuy)
      most = std::min(most, shares_for(order.budget, event.price, kWholeShare));
    if (venue_.refuses) most = {};
    event.quantity = most;
    event.last = most == order.quantity;
    const bool buys = order.side == OrderSide::kBuy;
    venue_.held[order.symbol] += buys ? most : -most;
    venue_.cash += buys ? -multiply(event.price, most) : multiply(event.price, most);
    if (most.micros > 0) answer(event);
    if (event.last) return;
    event.kind = OrderEventKind::kUnfilled;
    event.quantity = order.quantity - most;
    event.unfilled_reason = venue_.refuses ? UnfilledReason::kRefused : UnfilledReason::kCash;
    event.last = true;
    answer(event);
  }

  Venue& venue_;
};

BrokerOrder order(std::uint64_t id, OrderSide side, double shares, double budget = 1e6) {
  BrokerOrder made;
  made.id = id;
  made.symbol = "A";
  made.side = side;
  made.quantity = to_quantity(shares);
  made.budget = to_money(budget);
  made.volume_limit = to_quantity(1e9);
  return made;
}

/// An account over two venues, of which the second is dearer.
class Router : public ::testing::Test {
 protected:
  Router() {
    terms_.venues.resize(2);
    terms_.venues[0] = {.name = "near", .broker = "paper", .commission_bps = 1.0};
    terms_.venues[1] = {.name = "far", .broker = "paper", .commission_bps = 5.0};
    start();
  }

  /// A new process, over what the last one left.
  void start(std::string_view bookmark = "") {
    router_.reset();
    std::vector<std::unique_ptr<BrokerService>> services;
    services.push_back(std::make_unique<VenueService>(near_));
    services.push_back(std::make_unique<VenueService>(far_));
    RouterSettings settings;
    settings.terms = terms_;
    settings.lot = kWholeShare;
    settings.sync_orders = sync_orders_;
    router_ =
        std::make_unique<BrokerRouter>(settings, std::move(services), local_disk(),
                                       folder_.path() / kRouteLog, parse_router_bookmark(bookmark), clock_);
  }
  void deposit(double cash) { router_->apply({Date{1}, 1, EntryKind::kDeposit, "", {}, to_money(cash)}); }

  /// What the account was told of an order: shares filled, shares not filled, answers that were the last.
  struct Told {
    double filled = 0.0, rest = 0.0;
    int last = 0;
    std::size_t fills = 0;
  };
  Told told(std::uint64_t id) {
    Told told;
    std::uint64_t number = 0;
    for (const BrokerAnswer& answer : router_->answers(0)) {
      EXPECT_EQ(answer.sequence, ++number);
      if (answer.event.order_id != id) continue;
      EXPECT_EQ(told.last, 0) << "nothing comes after the last";
      const bool is_fill = answer.event.kind == OrderEventKind::kFill;
      (is_fill ? told.filled : told.rest) += answer.event.quantity.units();
      told.fills += is_fill ? 1 : 0;
      told.last += answer.event.last ? 1 : 0;
    }
    return told;
  }

  RouteTerms terms_;
  bool sync_orders_ = true;
  Venue near_, far_;
  testing::TemporaryFolder folder_;
  testing::FakeWaitClock clock_;
  std::unique_ptr<BrokerRouter> router_;
};

TEST_F(Router, AnOrderGoesToTheCheapest) {
  deposit(10'000.0);
  router_->place(order(1, OrderSide::kBuy, 10));
  EXPECT_EQ(near_.orders.size(), 1u);
  EXPECT_EQ(far_.orders.size(), 0u);
  const Told all = told(1);
  EXPECT_EQ(all.filled, 10.0);
  EXPECT_EQ(all.last, 1);
}

TEST_F(Router, APurchaseOverTwoVenuesIsAnsweredAsOneOrder) {
  deposit(1000.0);  // 500 each
  router_->place(order(1, OrderSide::kBuy, 80));
  const Told all = told(1);
  EXPECT_EQ(all.filled, 80.0);
  EXPECT_EQ(all.fills, 2u);
  EXPECT_EQ(all.rest, 0.0);
  EXPECT_EQ(all.last, 1);
  EXPECT_EQ(near_.held["A"], to_quantity(50.0));
  EXPECT_EQ(router_->positions(), (std::vector<BrokerPosition>{{"A", to_quantity(80.0)}}));
  EXPECT_EQ(router_->cash(), to_money(200.0));
}

TEST_F(Router, WhatNoVenueCanPayIsUnfilledOnce) {
  deposit(1000.0);
  router_->place(order(1, OrderSide::kBuy, 120));
  const Told all = told(1);
  EXPECT_EQ(all.filled, 100.0);
  EXPECT_EQ(all.rest, 20.0);
  EXPECT_EQ(all.last, 1);
}

TEST_F(Router, ASaleTakesWhatEachHolds) {
  deposit(1000.0);
  router_->place(order(1, OrderSide::kBuy, 80));
  router_->place(order(2, OrderSide::kSell, 70));
  EXPECT_EQ(told(2).filled, 70.0);
  EXPECT_EQ(near_.held["A"], to_quantity(0.0));
  EXPECT_EQ(far_.held["A"], to_quantity(10.0));
}

TEST_F(Router, WhatOneRefusesGoesToTheOther) {
  deposit(1000.0);
  near_.refuses = true;
  router_->place(order(1, OrderSide::kBuy, 10));
  const Told all = told(1);
  EXPECT_EQ(all.filled, 10.0);
  EXPECT_EQ(all.rest, 0.0);
  EXPECT_EQ(far_.held["A"], to_quantity(10.0));
}

TEST_F(Router, AnOrderThatMayHaveArrivedGoesNowhereElse) {
  deposit(1000.0);
  near_.loses_replies = true;
  for (int i = 0; i < 10; ++i) {
    router_->place(order(1, OrderSide::kBuy, 10));
    clock_.wait(1.0);
  }
  EXPECT_EQ(far_.orders.size(), 0u);
  near_.loses_replies = false;
  clock_.wait(60.0);
  EXPECT_EQ(told(1).filled, 10.0);
  EXPECT_EQ(near_.orders.size(), 1u) << "one order, however often it came";
  EXPECT_EQ(far_.orders.size(), 0u);
}

TEST_F(Router, NeitherDoesItAfterARestart) {
  deposit(1000.0);
  near_.loses_replies = true;
  router_->place(order(1, OrderSide::kBuy, 10));
  near_.loses_replies = false;
  near_.is_down = true;
  start();
  for (int i = 0; i < 10; ++i) {
    router_->place(order(1, OrderSide::kBuy, 10));
    clock_.wait(1.0);
  }
  EXPECT_EQ(told(1).last, 0);
  EXPECT_EQ(far_.orders.size(), 0u);
  near_.is_down = false;
  clock_.wait(60.0);
  EXPECT_EQ(told(1).filled, 10.0);
}

TEST_F(Router, AVenueThatFailsIsLeftAloneForAPauseAndOrdersGoElsewhere) {
  deposit(1000.0);
  near_.is_down = true;
  router_->apply({Date{1}, 2, EntryKind::kDeposit, "", {}, to_money(2.0)});
  for (int i = 0; i < 5; ++i) router_->answers(0);
  EXPECT_TRUE(router_->books().venues()[0].out);
  const std::size_t calls = near_.calls;
  router_->place(order(1, OrderSide::kBuy, 10));
  EXPECT_EQ(told(1).filled, 10.0);
  EXPECT_EQ(far_.held["A"], to_quantity(10.0));
  EXPECT_EQ(near_.calls, calls) << "nobody calls it during the pause";
  near_.is_down = false;
  clock_.wait(20.0);
  router_->place(order(2, OrderSide::kBuy, 10));
  EXPECT_FALSE(router_->books().venues()[0].out);
  EXPECT_EQ(near_.held["A"], to_quantity(10.0));
  EXPECT_EQ(router_->cash(), to_money(802.0)) << "what it was to be told it has been told";
}

TEST_F(Router, BooksOfAllVenuesAreNeeded) {
  deposit(1000.0);
  far_.is_down = true;
  EXPECT_NE(testing::message_of([&] { router_->cash(); }).find("the venue 'far' does not answer"),
            std::string::npos);
  EXPECT_THROW(router_->positions(), Error);
  EXPECT_THROW(router_->flush(), Error);
}

TEST_F(Router, ARestartChangesNoAnswer) {
  deposit(1000.0);
  router_->place(order(1, OrderSide::kBuy, 80));
  router_->place(order(2, OrderSide::kSell, 70));
  router_->flush();
  const std::string bookmark = router_->bookmark();
  const auto before = router_->answers(0);
  start(bookmark);
  const auto after = router_->answers(0);
  ASSERT_EQ(after.size(), before.size());
  for (std::size_t i = 0; i < after.size(); ++i) {
    EXPECT_EQ(after[i].sequence, before[i].sequence);
    EXPECT_EQ(after[i].event.order_id, before[i].event.order_id);
    EXPECT_EQ(after[i].event.quantity, before[i].event.quantity);
    EXPECT_EQ(after[i].event.last, before[i].event.last);
  }
  const std::size_t calls = near_.calls;
  router_->place(order(1, OrderSide::kBuy, 80));
  EXPECT_EQ(near_.calls, calls) << "what was committed is not told again";
  EXPECT_THROW(router_->place(order(1, OrderSide::kBuy, 81)), Error);
}

TEST_F(Router, WhatAVenueHasLostWithThePowerItIsToldAgain) {
  deposit(1000.0);
  const Venue before = near_;
  router_->place(order(1, OrderSide::kBuy, 10));
  const Venue after = near_;
  near_ = before;
  near_.last_change = {};
  near_.cash = {};
  start();
  deposit(1000.0);
  router_->place(order(1, OrderSide::kBuy, 10));
  EXPECT_EQ(near_.orders, after.orders);
  EXPECT_EQ(near_.cash, after.cash);
  EXPECT_EQ(told(1).fills, 1u);
  EXPECT_EQ(router_->cash(), to_money(900.0));
}

TEST_F(Router, TheLogMayEndAnywhere) {
  sync_orders_ = false;
  start();
  deposit(1000.0);
  router_->place(order(1, OrderSide::kBuy, 80));
  router_->place(order(2, OrderSide::kSell, 70));
  const auto expected = router_->answers(0);
  std::string log = *read_from(local_disk(), folder_.path() / kRouteLog);
  const Venue near = near_, far = far_;
  for (std::size_t size = 0; size <= log.size(); size += 1 + size % 23) {
    SCOPED_TRACE(size);
    near_ = near;
    far_ = far;
    router_.reset();
    local_disk().write(folder_.path() / kRouteLog, log.substr(0, size));
    start();
    deposit(1000.0);
    router_->place(order(1, OrderSide::kBuy, 80));
    router_->place(order(2, OrderSide::kSell, 70));
    const auto found = router_->answers(0);
    ASSERT_EQ(found.size(), expected.size());
    for (std::size_t i = 0; i < found.size(); ++i) {
      ASSERT_EQ(found[i].event.order_id, expected[i].event.order_id);
      ASSERT_EQ(found[i].event.quantity, expected[i].event.quantity);
      ASSERT_EQ(found[i].event.last, expected[i].event.last);
    }
    ASSERT_EQ(near_.orders, near.orders);
    ASSERT_EQ(far_.orders, far.orders);
    ASSERT_EQ(router_->cash(), to_money(900.0));
    ASSERT_EQ(router_->positions().at(0).quantity, to_quantity(10.0));
  }
}

TEST_F(Router, AVenuesWordIsTakenWhenNothingIsOnItsWay) {
  deposit(1000.0);
  near_.cash += to_money(3.0);
  EXPECT_EQ(router_->cash(), to_money(1003.0));
  EXPECT_EQ(router_->books().venues()[0].cash, to_money(503.0));
  start();
  EXPECT_EQ(router_->books().venues()[0].cash, to_money(503.0));
}

TEST_F(Router, AnswersThatNobodyAskedForAreFound) {
  deposit(1000.0);
  VenueService(near_).place(order(999, OrderSide::kBuy, 1));
  EXPECT_NE(testing::message_of([&] { router_->cash(); }).find("does another program trade there"),
            std::string::npos);
}

TEST_F(Router, ChangesGoByWhatEachHolds) {
  deposit(1000.0);
  router_->place(order(1, OrderSide::kBuy, 75));
  router_->apply({Date{2}, 1, EntryKind::kSplit, "A", to_quantity(75.0), {}});
  router_->apply({Date{2}, 2, EntryKind::kDividend, "A", {}, to_money(1.5)});
  router_->apply({Date{2}, 2, EntryKind::kDividend, "A", {}, to_money(1.5)});
  EXPECT_EQ(near_.held["A"], to_quantity(100.0));
  EXPECT_EQ(far_.held["A"], to_quantity(50.0));
  EXPECT_EQ(near_.cash, to_money(1.0));
  EXPECT_EQ(router_->cash(), to_money(251.5));
}

TEST_F(Router, AVenueWithMoneyCanNotBeLeftOut) {
  deposit(1000.0);
  terms_.venues[1].name = "other";
  EXPECT_NE(testing::message_of([&] { start(); }).find("at the venue 'far', which is no longer among"),
            std::string::npos);
}

TEST_F(Router, TheLogSaysWhatWasSaved) {
  deposit(10'000.0);
  router_->place(order(1, OrderSide::kBuy, 100));
  const auto venues = read_route_log(local_disk(), folder_.path() / kRouteLog);
  ASSERT_EQ(venues.size(), 2u);
  EXPECT_EQ(venues[0].orders, 1u);
  EXPECT_EQ(venues[0].saved, to_money(0.4)) << "1 bp of 1,000 for 5";
  EXPECT_EQ(venues[1].saved, Money{});
  EXPECT_TRUE(read_route_log(local_disk(), folder_.path() / "none").empty());
}

}  // namespace
}  // namespace orrery::broker_router_test
