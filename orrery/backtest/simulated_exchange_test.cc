#include "orrery/backtest/simulated_exchange.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "orrery/backtest/history.h"
#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "testing/small_market.h"

namespace orrery::simulated_exchange_test {
namespace {

constexpr std::int64_t kMost = std::numeric_limits<std::int64_t>::max();

MarketData one_name(double price, double volume) {
  MarketData market = testing::make_market({{"A", {price, price}}}, volume);
  market.raw.at("open")(0, 0) = 9.0;
  market.raw.at("high")(0, 0) = 13.0;
  market.raw.at("low")(0, 0) = 8.0;
  return market;
}

Order buy(double quantity) {
  Order order;
  order.id = 7;
  order.quantity = to_quantity(quantity);
  order.budget = Money{kMost};
  order.volume_limit = Quantity{kMost};
  return order;
}

std::vector<OrderEvent> answer(const MarketData& market, const ExchangeConfig& config, const Order& order) {
  SessionClock clock(market.dates, {0, market.rows()});
  clock.next();
  SimulatedExchange exchange(market, clock, config);
  exchange.submit(order);
  std::vector<OrderEvent> events;
  exchange.poll(events);
  exchange.poll(events);
  return events;
}

TEST(SimulatedExchange, FillsAtTheBarsPrice) {
  const MarketData market = one_name(12.0, 1000.0);
  Order order = buy(10);
  for (const auto& [type, price] : {std::pair{OrderType::kMarketOnClose, 12.0},
                                    {OrderType::kMarketOnOpen, 9.0},
                                    {OrderType::kVwap, 11.0}}) {
    order.type = type;
    const auto events = answer(market, {{5.0, 10.0, 0.0}, kMicroShare, 1.0}, order);
    ASSERT_EQ(events.size(), 1u);
    EXPECT_EQ(events[0].kind, OrderEventKind::kFill);
    EXPECT_TRUE(events[0].last);
    EXPECT_EQ(events[0].price, to_money(price));
    EXPECT_EQ(events[0].commission, to_money(price * 10 * 0.0005));
    EXPECT_EQ(events[0].slippage, to_money(price * 10 * 0.001));
  }
}

struct CutCase {
  const char* name;
  double wanted, volume, bar_share, volume_limit, budget, lot, filled;
  UnfilledReason reason;
};

TEST(SimulatedExchange, CutsToTheTightestLimit) {
  const double none = 1e12;
  const CutCase cases[] = {
      {"all", 10, 1000, 1.0, none, none, 1e-6, 10, UnfilledReason::kNone},
      {"bar", 10, 6, 1.0, none, none, 1e-6, 6, UnfilledReason::kBarVolume},
      {"share of bar", 10, 6, 0.5, none, none, 1e-6, 3, UnfilledReason::kBarVolume},
      {"no volume", 10, 0, 1.0, none, none, 1e-6, 0, UnfilledReason::kBarVolume},
      {"average", 10, 6, 1.0, 4.5, none, 1e-6, 4.5, UnfilledReason::kAverageVolume},
      {"average, whole", 10, 6, 1.0, 4.5, none, 1, 4, UnfilledReason::kAverageVolume},
      {"cash", 10, 1000, 1.0, none, 60, 1e-6, 5, UnfilledReason::kCash},
      {"cash, whole", 10, 1000, 1.0, none, 59, 1, 4, UnfilledReason::kCash},
      {"no cash", 10, 1000, 1.0, none, 0, 1e-6, 0, UnfilledReason::kCash},
      {"below one share", 0.9, 1000, 1.0, none, none, 1, 0, UnfilledReason::kBelowLot},
  };
  for (const CutCase& test : cases) {
    SCOPED_TRACE(test.name);
    Order order = buy(test.wanted);
    order.volume_limit = to_quantity(test.volume_limit);
    order.budget = to_money(test.budget);
    const auto events =
        answer(one_name(12.0, test.volume), {{}, to_quantity(test.lot), test.bar_share}, order);
    Quantity filled, unfilled;
    UnfilledReason reason = UnfilledReason::kNone;
    for (const OrderEvent& event : events) {
      (event.kind == OrderEventKind::kFill ? filled : unfilled) += event.quantity;
      if (event.kind == OrderEventKind::kUnfilled) reason = event.unfilled_reason;
      EXPECT_EQ(event.last, &event == &events.back());
    }
    EXPECT_EQ(filled, to_quantity(test.filled));
    EXPECT_EQ(reason, test.reason);
    if (test.lot < 1) {
      EXPECT_EQ(filled + unfilled, order.quantity);
    }
  }
}

TEST(SimulatedExchange, AnInstrumentWithoutABarIsHalted) {
  MarketData market = one_name(12.0, 1000.0);
  market.present(0, 0) = 0;
  const auto events = answer(market, {}, buy(10));
  ASSERT_EQ(events.size(), 1u);
  EXPECT_EQ(events[0].unfilled_reason, UnfilledReason::kHalted);
  EXPECT_EQ(events[0].quantity, to_quantity(10));
}

TEST(SimulatedExchange, APurchaseNeverCostsMoreThanItsBudget) {
  Random random(11);
  for (int i = 0; i < 5000; ++i) {
    const double price = std::round(std::exp(8.0 * random.uniform() - 3.0) * 1e4) / 1e4;
    const ExchangeConfig config{
        {random.uniform() * 50, random.uniform() * 50, 2.5 * std::floor(random.uniform() * 2), 0.0,
         i % 3 == 0 ? random.uniform() * price : 0.0},
        random.below(2) == 0 ? kMicroShare : kWholeShare,
        std::nullopt};
    Order order = buy(1e6);
    order.budget = to_money(random.uniform() * 1e4);
    Money paid;
    Quantity filled;
    for (const OrderEvent& event : answer(one_name(price, 0.0), config, order)) {
      if (event.kind != OrderEventKind::kFill) continue;
      filled = event.quantity;
      paid = multiply(event.price, event.quantity) + event.commission + event.slippage;
    }
    ASSERT_LE(paid, order.budget);
    // And nothing is left over but the price of a share, the least commission and roundings.
    const double lot_price = (price * 1.011 + config.costs.per_share) * config.lot.units();
    if (filled < order.quantity) {
      ASSERT_LE((order.budget - paid).units(), lot_price + (filled.micros == 0 ? 2.5 : 0.0) + 1e-5)
          << price << " " << filled.units();
    }
  }
}

TEST(SimulatedExchange, AFeeOfEachShareStandsBesideTheRate) {
  const MarketData market = one_name(12.0, 1000.0);
  const auto charged = [&](double least) {
    return answer(market, {{10.0, 0.0, least, 0.0, 0.005}, kMicroShare, std::nullopt}, buy(10))[0].commission;
  };
  EXPECT_EQ(charged(0.0), to_money(0.12 + 0.05));
  EXPECT_EQ(charged(1.0), to_money(1.0));
}

TEST(SimulatedExchange, RefusesImpossibleCosts) {
  const MarketData market = one_name(12.0, 1000.0);
  EXPECT_THROW(answer(market, {{-1.0, 0.0, 0.0}, kMicroShare, 1.0}, buy(1)), Error);
  EXPECT_THROW(answer(market, {{0.0, 0.0, -1.0}, kMicroShare, 1.0}, buy(1)), Error);
  EXPECT_THROW(answer(market, {{0.0, 0.0, 0.0, 0.0, -1.0}, kMicroShare, 1.0}, buy(1)), Error);
  EXPECT_THROW(answer(market, {{}, kMicroShare, 0.0}, buy(1)), Error);
}

}  // namespace
}  // namespace orrery::simulated_exchange_test
