#include "orrery/execution/pretrade_checks.h"

#include <gtest/gtest.h>

#include <map>
#include <tuple>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "testing/checked_orders.h"

namespace orrery::pretrade_checks_test {
namespace {

using testing::checked_order;
using testing::figures_of;
using testing::rule_of;

const std::vector<std::string> kSymbols = {"A", "B", "C"};

PretradeSettings everything() {
  PretradeSettings settings;
  settings.price_collar = 0.1;
  settings.max_shares = 1000.0;
  settings.max_notional = 5000.0;
  settings.rate = RateLimit{3, 60.0};
  settings.duplicate_seconds = 600.0;
  settings.restricted = {"C"};
  return settings;
}

CheckedOrder at_second(CheckedOrder order, std::int64_t second) {
  order.time = {order.time.nanoseconds + second * kNanosecondsPerSecond};
  return order;
}

TEST(CheckedOrder, KnowsWhatItOpensAndCloses) {
  const auto opening = [](OrderSide side, double shares, double held) {
    return checked_order(0, side, shares, 10.0, make_date(2024, 3, 1), held).opening().units();
  };
  EXPECT_EQ(opening(OrderSide::kBuy, 10, 0), 10);
  EXPECT_EQ(opening(OrderSide::kBuy, 10, 5), 10);
  EXPECT_EQ(opening(OrderSide::kBuy, 10, -4), 6);
  EXPECT_EQ(opening(OrderSide::kSell, 10, 10), 0);
  EXPECT_EQ(opening(OrderSide::kSell, 10, 25), 0);
  EXPECT_EQ(opening(OrderSide::kSell, 10, 3), 7);
  EXPECT_EQ(opening(OrderSide::kSell, 10, -3), 10);
}

TEST(PretradeChecks, LetAnOrderWithinEveryLimitPass) {
  const PretradeChecks checks(everything(), kSymbols);
  EXPECT_EQ(rule_of(checks, checked_order(0, OrderSide::kBuy, 500, 10.0)), "");  // 5,000 exactly
}

TEST(PretradeChecks, NameTheRuleAndTheFigures) {
  const PretradeChecks checks(everything(), kSymbols);
  EXPECT_EQ(figures_of(checks, checked_order(0, OrderSide::kSell, 1000.5, 1.0)),
            "1000.5 shares; at most 1000");
  EXPECT_EQ(figures_of(checks, checked_order(0, OrderSide::kBuy, 500.01, 10.0)),
            "500.01 shares at 10 are 5000.10; at most 5000.00");
  EXPECT_EQ(rule_of(checks, checked_order(2, OrderSide::kSell, 1)), "restricted_list");
  CheckedOrder jumped = checked_order(0, OrderSide::kBuy, 1, 10.0);
  jumped.price = to_money(11.5);
  EXPECT_EQ(rule_of(checks, jumped), "price_collar");
  EXPECT_EQ(figures_of(checks, jumped), "the price 11.5 is +15.00 % from the last close 10; at most 10 %");
  jumped.price = to_money(8.9);
  EXPECT_EQ(rule_of(checks, jumped), "price_collar");
  jumped.price = to_money(9.0);
  EXPECT_EQ(rule_of(checks, jumped), "");
}

TEST(PretradeChecks, AnOrderWhosePriceNobodyKnowsIsOverAnyNotionalAndInNoCollar) {
  CheckedOrder unknown = checked_order(0, OrderSide::kBuy, 1);
  unknown.price = Money{};
  PretradeSettings collar;
  collar.price_collar = 0.01;
  EXPECT_EQ(rule_of(PretradeChecks(collar, kSymbols), unknown), "");
  unknown.last_close = Money{};
  EXPECT_EQ(rule_of(PretradeChecks(everything(), kSymbols), unknown), "max_notional");
}

TEST(PretradeChecks, AnOrderForAnAmountIsHeldAgainstItsAmount) {
  const PretradeChecks checks(everything(), kSymbols);
  CheckedOrder order = checked_order(0, OrderSide::kBuy, 400, 10.0);
  order.amount = true;
  order.order.notional = to_money(5000.01);
  EXPECT_EQ(figures_of(checks, order), "5000.01; at most 5000.00");
}

TEST(PretradeChecks, TheProductOfTheLargestPriceAndSharesDoesNotOverflow) {
  PretradeSettings settings;
  settings.max_notional = 9e12;
  const CheckedOrder order = checked_order(0, OrderSide::kBuy, 9e12, 9e12);
  EXPECT_EQ(rule_of(PretradeChecks(settings, kSymbols), order), "max_notional");
}

TEST(PretradeChecks, SendAtMostSoManyOrdersWithinTheWindow) {
  PretradeSettings settings;
  settings.rate = RateLimit{3, 60.0};
  PretradeChecks checks(settings, kSymbols);
  const CheckedOrder order = checked_order(0, OrderSide::kBuy, 1);
  for (const int second : {0, 1, 2}) checks.sent(at_second(order, second));
  EXPECT_EQ(rule_of(checks, at_second(order, 59)), "order_rate");
  EXPECT_EQ(figures_of(checks, at_second(order, 59)), "3 orders were sent within 60 s; at most 3");
  EXPECT_EQ(rule_of(checks, at_second(order, 60)), "");
  checks.sent(at_second(order, 60));
  EXPECT_EQ(rule_of(checks, at_second(order, 60)), "order_rate");
  EXPECT_EQ(rule_of(checks, at_second(order, 61)), "");
}

TEST(PretradeChecks, SendTheSameOrderOnce) {
  PretradeSettings settings;
  settings.duplicate_seconds = 600.0;
  PretradeChecks checks(settings, kSymbols);
  const CheckedOrder order = checked_order(0, OrderSide::kSell, 10, 10.0, make_date(2024, 3, 1), 10.0);
  checks.sent(order);
  EXPECT_EQ(figures_of(checks, at_second(order, 599)),
            "the same order was sent at 2024-03-01T00:00:00Z; not again within 600 s");
  EXPECT_EQ(rule_of(checks, at_second(order, 600)), "");
  CheckedOrder other = order;
  other.held = Quantity{};  // the second half of a trade through zero
  EXPECT_EQ(rule_of(checks, other), "");
  other = order;
  other.shares = to_quantity(11);
  EXPECT_EQ(rule_of(checks, other), "");
  other = order;
  other.order.side = OrderSide::kBuy;
  EXPECT_EQ(rule_of(checks, other), "");
  other = order;
  other.order.instrument = 1;
  EXPECT_EQ(rule_of(checks, other), "");
}

TEST(PretradeChecks, ARefusedOrderCountsForNothing) {
  PretradeSettings settings;
  settings.rate = RateLimit{1, 60.0};
  settings.duplicate_seconds = 60.0;
  const PretradeChecks checks(settings, kSymbols);
  const CheckedOrder order = checked_order(0, OrderSide::kBuy, 1);
  EXPECT_EQ(rule_of(checks, order), "");
  EXPECT_EQ(rule_of(checks, order), "");
}

TEST(PretradeChecks, TheKillSwitchRefusesEverythingWhileItIsEngaged) {
  const auto kill_switch = std::make_shared<KillSwitch>();
  const PretradeChecks checks({}, kSymbols, kill_switch);
  const CheckedOrder order = checked_order(0, OrderSide::kSell, 1);
  EXPECT_EQ(rule_of(checks, order), "");
  kill_switch->engage("prices look wrong");
  EXPECT_EQ(rule_of(checks, order), "kill_switch");
  EXPECT_EQ(figures_of(checks, order), "engaged: prices look wrong");
  kill_switch->release();
  EXPECT_EQ(rule_of(checks, order), "");
}

TEST(PretradeChecks, RefuseSettingsThatNoOrderCouldKeep) {
  const auto refuse = [](auto change) {
    PretradeSettings settings;
    change(settings);
    EXPECT_THROW(PretradeChecks(settings, kSymbols), Error);
  };
  refuse([](auto& settings) { settings.price_collar = 0.0; });
  refuse([](auto& settings) { settings.max_shares = -1.0; });
  refuse([](auto& settings) { settings.max_notional = 1e13; });
  refuse([](auto& settings) { settings.rate = RateLimit{0, 1.0}; });
  refuse([](auto& settings) { settings.rate = RateLimit{1, 0.0}; });
  refuse([](auto& settings) { settings.duplicate_seconds = 0.0; });
  refuse([](auto& settings) { settings.restricted = {"D"}; });
}

/// The rate and the duplicates as slow as they are plain: every order is kept.
class SlowHistory {
 public:
  SlowHistory(std::size_t orders, std::int64_t rate_window, std::int64_t duplicate_window)
      : orders_(orders), rate_window_(rate_window), duplicate_window_(duplicate_window) {}

  std::string judge(const CheckedOrder& order) const {
    std::size_t within = 0;
    for (const CheckedOrder& sent : sent_) {
      const std::int64_t ago = order.time.nanoseconds - sent.time.nanoseconds;
      const bool same = sent.order.instrument == order.order.instrument &&
                        sent.order.side == order.order.side && sent.shares == order.shares &&
                        (sent.opening().micros > 0) == (order.opening().micros > 0);
      if (same && ago < duplicate_window_) return "duplicate_order";
      if (ago < rate_window_) ++within;
    }
    return within >= orders_ ? "order_rate" : "";
  }
  void add(const CheckedOrder& order) { sent_.push_back(order); }

 private:
  std::size_t orders_;
  std::int64_t rate_window_, duplicate_window_;
  std::vector<CheckedOrder> sent_;
};

CheckedOrder random_order(Random& random, std::int64_t& second) {
  second += static_cast<std::int64_t>(random.below(3));
  const auto side = random.below(2) == 0 ? OrderSide::kBuy : OrderSide::kSell;
  const double held = static_cast<double>(random.below(3)) * 5.0;
  return at_second(
      checked_order(static_cast<std::uint32_t>(random.below(3)), side,
                    static_cast<double>(1 + random.below(40)), 10.0, make_date(2024, 3, 1), held),
      second);
}

TEST(PretradeChecks, AgreeWithAPlainHistoryOverManyOrdersAndRestarts) {
  PretradeSettings settings;
  settings.rate = RateLimit{40, 50.0};
  settings.duplicate_seconds = 100.0;
  PretradeChecks checks(settings, kSymbols);
  SlowHistory slow(40, 50 * kNanosecondsPerSecond, 100 * kNanosecondsPerSecond);
  Random random(11);
  std::int64_t second = 0;
  std::map<std::string, int> seen;
  for (int i = 0; i < 4000; ++i) {
    const CheckedOrder order = random_order(random, second);
    const std::string rule = rule_of(checks, order);
    ASSERT_EQ(rule, slow.judge(order)) << "order " << i;
    ++seen[rule];
    if (rule.empty()) {
      checks.sent(order);
      slow.add(order);
    }
    if (i % 97 == 0) {  // a restart
      PretradeChecks restored(settings, kSymbols);
      restored.restore(checks.save());
      ASSERT_EQ(restored.save(), checks.save());
      checks = std::move(restored);
    }
  }
  EXPECT_EQ(seen.size(), 3u);  // each answer was given
}

TEST(PretradeChecks, ATableThatGrowsKeepsWhatItHolds) {
  PretradeSettings settings;
  settings.duplicate_seconds = 1e6;
  PretradeChecks checks(settings, kSymbols);
  for (int i = 1; i <= 5000; ++i) checks.sent(checked_order(0, OrderSide::kBuy, i));
  for (int i = 1; i <= 5000; ++i) {
    ASSERT_EQ(rule_of(checks, checked_order(0, OrderSide::kBuy, i)), "duplicate_order");
  }
  EXPECT_EQ(rule_of(checks, checked_order(0, OrderSide::kBuy, 5001)), "");
}

TEST(PretradeChecks, TheKillSwitchOutlivesARestart) {
  const auto before = std::make_shared<KillSwitch>();
  before->engage("drill");
  const auto after = std::make_shared<KillSwitch>();
  PretradeChecks restored({}, kSymbols, after);
  restored.restore(PretradeChecks({}, kSymbols, before).save());
  EXPECT_EQ(after->reason(), "drill");
}

TEST(PretradeChecks, AStateThatIsNoneIsRefused) {
  PretradeChecks checks(everything(), kSymbols);
  EXPECT_THROW(checks.restore("{"), Error);
  EXPECT_THROW(checks.restore("{}"), Error);
}

TEST(OrderCheckList, AsksInOrderAndStopsAtTheFirstRefusal) {
  PretradeSettings size, list;
  size.max_shares = 1.0;
  list.restricted = {"A"};
  OrderCheckList checks;
  checks.add("size", std::make_unique<PretradeChecks>(size, kSymbols));
  checks.add("list", std::make_unique<PretradeChecks>(list, kSymbols));
  std::vector<OrderFinding> findings;
  checks.judge(checked_order(0, OrderSide::kBuy, 2), findings);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].rule, "max_shares");
  EXPECT_EQ(rule_of(checks, checked_order(0, OrderSide::kBuy, 1)), "restricted_list");
}

}  // namespace
}  // namespace orrery::pretrade_checks_test
