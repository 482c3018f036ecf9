// What every rule has to keep, whichever it is.
#include <gtest/gtest.h>

#include <map>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "plugins/rules/registry.h"
#include "testing/bookings.h"
#include "testing/checked_orders.h"
#include "testing/price_feed.h"

namespace orrery::rules_conformance_test {
namespace {

const std::vector<std::string> kSymbols = {"A", "B", "C"};

const RuleRegistry& rules() {
  static const RuleRegistry all = [] {
    RuleRegistry made("rule");
    plugins::rules::register_all(made);
    return made;
  }();
  return all;
}

/// Settings without which a rule has nothing to do.
ParameterMap needed_by(const std::string& rule) {
  if (rule == "position_limits") return {{"max_shares", 90.0}};
  if (rule == "margin") return {{"initial", 3.0}};
  return {};
}

std::unique_ptr<OrderCheck> make(const std::string& rule, ParameterMap settings = {}, bool margin = true) {
  settings.merge(needed_by(rule));
  return make_rule(rules(), rule, {"us", margin, kSymbols}, settings);
}

/// An account that trades back and forth, long and short, several times a day, through a market that falls
/// and rises. Every finding of the rule is written down.
class BusyAccount {
 public:
  explicit BusyAccount(std::uint64_t seed) : random_(seed), feed_(kSymbols) {
    for (KnownPrices& prices : feed_.prices) prices.last_close = 50.0;
  }

  void trade_day(OrderCheck& rule) {
    date_ = date_ + (weekday(date_) == 4 ? 3 : 1);
    const Session session{row_++, date_};
    for (KnownPrices& prices : feed_.prices) {
      prices.open = prices.last_close * (0.85 + 0.3 * random_.uniform());
      prices.low = prices.open * (0.95 + 0.05 * random_.uniform());
    }
    rule.open_session(session, feed_);
    for (int i = 0; i < 6; ++i) trade(rule, session);
    rule.close_session(session, feed_);
    for (KnownPrices& prices : feed_.prices) prices.last_close = std::clamp(prices.open, 20.0, 90.0);
  }
  std::vector<std::string> said;

 private:
  void trade(OrderCheck& rule, const Session& session) {
    const auto name = static_cast<std::uint32_t>(random_.below(3));
    CheckedOrder order;
    order.order.id = ++last_id_;
    order.order.instrument = name;
    order.order.side = random_.below(2) == 0 ? OrderSide::kBuy : OrderSide::kSell;
    order.shares = order.order.quantity = to_quantity(static_cast<double>(1 + random_.below(40)));
    order.held = held_[name];
    order.session = session;
    order.time = start_of(session.date);
    order.last_close = to_money(feed_.prices[name].last_close);
    order.price = to_money(feed_.prices[name].open);
    order.equity = to_money(20'000.0);
    std::vector<OrderFinding> findings;
    rule.judge(order, findings);
    const std::string state = rule.save();
    std::vector<OrderFinding> again;
    rule.judge(order, again);
    EXPECT_EQ(again.size(), findings.size());
    EXPECT_EQ(rule.save(), state);
    for (const OrderFinding& finding : findings) {
      EXPECT_EQ(finding.order_id, order.order.id);
      EXPECT_FALSE(finding.figures.empty());
      said.push_back(std::string(finding.rule) + ": " + finding.figures);
    }
    if (refuses(findings)) return;
    rule.sent(order);
    fill(rule, order);
  }

  void fill(OrderCheck& rule, const CheckedOrder& order) {
    const bool buys = order.order.side == OrderSide::kBuy;
    JournalEntry entry =
        testing::trade_for(order.session.date, buys ? order.shares.units() : -order.shares.units(),
                           multiply(order.price, order.shares).units(), order.order.instrument, 0.5);
    entry.session = order.session;
    entry.order_id = order.order.id;
    held_[order.order.instrument] += buys ? order.shares : -order.shares;
    rule.booked(entry);
  }

  Random random_;
  testing::PriceFeed feed_;
  Date date_ = make_date(2023, 1, 2);
  std::size_t row_ = 0;
  std::uint64_t last_id_ = 0;
  std::map<std::uint32_t, Quantity> held_;
};

class EveryRule : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryRule, SaysWhatItIsAndWhoSaysSo) {
  const RuleInfo& info = rules().get(GetParam()).info;
  EXPECT_FALSE(info.summary.empty());
  ASSERT_FALSE(info.parameters.empty());
  EXPECT_EQ(info.parameters.front().name, "mode");
  ASSERT_FALSE(info.table.empty());
  for (std::size_t i = 0; i < info.table.size(); ++i) {
    EXPECT_FALSE(info.table[i].terms.empty());
    EXPECT_FALSE(info.table[i].source.empty());
    EXPECT_TRUE(i == 0 || info.table[i - 1].from < info.table[i].from);
  }
}

TEST_P(EveryRule, BlocksWarnsAndSpeaksOfTheSameOrders) {
  const auto block = make(GetParam(), {{"mode", std::string("block")}});
  const auto warn = make(GetParam(), {{"mode", std::string("warn")}});
  BusyAccount account(3), warned(3);
  for (int day = 0; day < 60; ++day) {
    account.trade_day(*block);
    warned.trade_day(*warn);
  }
  ASSERT_FALSE(account.said.empty());
  ASSERT_FALSE(warned.said.empty());
  EXPECT_EQ(account.said.front(), warned.said.front());  // until the first refusal the two are the same
}

TEST_P(EveryRule, GoesOnTheSameAfterARestart) {
  for (const int cut : {1, 20, 21}) {
    const auto whole = make(GetParam(), {{"mode", std::string("block")}});
    auto part = make(GetParam(), {{"mode", std::string("block")}});
    BusyAccount account(5), restarted(5);
    for (int day = 0; day < 40; ++day) {
      account.trade_day(*whole);
      restarted.trade_day(*part);
      if (day != cut) continue;
      auto next = make(GetParam(), {{"mode", std::string("block")}});
      next->restore(part->save());
      part = std::move(next);
    }
    EXPECT_EQ(restarted.said, account.said);
    EXPECT_EQ(part->save(), whole->save());
  }
}

TEST_P(EveryRule, RefusesAnUnknownSettingAndAForeignPlace) {
  EXPECT_THROW(make(GetParam(), {{"mode", std::string("sometimes")}}), Error);
  EXPECT_THROW(make(GetParam(), {{"nonsense", true}}), Error);
  const bool anywhere = rules().get(GetParam()).info.jurisdictions.empty();
  if (anywhere) return;
  EXPECT_THROW(make_rule(rules(), GetParam(), {"atlantis", true, kSymbols}, needed_by(GetParam())), Error);
}

INSTANTIATE_TEST_SUITE_P(Rules, EveryRule, ::testing::ValuesIn(rules().names()),
                         [](const auto& info) { return info.param; });

}  // namespace
}  // namespace orrery::rules_conformance_test
