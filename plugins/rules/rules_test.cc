// Each rule by hand-made cases.
#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/execution/day_trades.h"
#include "orrery/execution/pretrade_checks.h"
#include "orrery/execution/symbol_keyed_checks.h"
#include "plugins/rules/registry.h"
#include "testing/bookings.h"
#include "testing/checked_orders.h"
#include "testing/price_feed.h"

namespace orrery::rules_test {
namespace {

using testing::checked_order;
using testing::figures_of;
using testing::PriceFeed;
using testing::rule_of;
using testing::trade_for;

const std::vector<std::string> kSymbols = {"A", "B", "C"};

std::unique_ptr<OrderCheck> make(const char* rule, const ParameterMap& settings = {}, bool margin = true) {
  RuleRegistry rules("rule");
  plugins::rules::register_all(rules);
  return make_rule(rules, rule, {"us", margin, kSymbols}, settings);
}

/// An account with trades through a day: sizes above 0 buy.
class Trading {
 public:
  explicit Trading(OrderCheck& rule, Date start) : rule_(rule), feed_(kSymbols), session_{0, start} {
    rule_.open_session(session_, feed_);
  }
  void next_day() {
    session_ = {session_.row + 1, session_.date + 1};
    rule_.open_session(session_, feed_);
  }
  void fill(double shares, std::uint32_t name = 0) {
    JournalEntry entry = trade_for(session_.date, shares, 10.0 * std::abs(shares), name);
    entry.session = session_;
    entry.order_id = ++last_id_;
    rule_.booked(entry);
  }
  std::string asks(double shares, double equity = 24'999.0, std::uint32_t name = 0) const {
    CheckedOrder order = checked_order(name, shares > 0 ? OrderSide::kBuy : OrderSide::kSell,
                                       std::abs(shares), 10.0, session_.date);
    order.session = session_;
    order.equity = to_money(equity);
    return figures_of(rule_, order);
  }

 private:
  OrderCheck& rule_;
  PriceFeed feed_;
  Session session_;
  std::uint64_t last_id_ = 0;
};

/// Makes `count` day trades, one a day.
void make_day_trades(Trading& account, int count) {
  for (int i = 0; i < count; ++i) {
    account.fill(10);
    account.fill(-10);
    account.next_day();
  }
}

TEST(PatternDayTrading, RefusesTheFourthDayTradeWithinFiveDays) {
  const auto rule = make("pattern_day_trading");
  Trading account(*rule, make_date(2023, 5, 1));
  make_day_trades(account, 3);
  account.fill(10);
  EXPECT_EQ(account.asks(5), "");
  EXPECT_EQ(
      account.asks(-10),
      "day trade 4 within 5 business days, 50.0 % of 8 trades, with an equity of 24999.00 under 25000.00");
  EXPECT_EQ(account.asks(-10, 25'000.0), "");
  account.next_day();
  EXPECT_EQ(account.asks(-10), "");  // held overnight
}

TEST(PatternDayTrading, DayTradesAreForgottenAfterFiveSessions) {
  const auto rule = make("pattern_day_trading");
  Trading account(*rule, make_date(2023, 5, 1));
  make_day_trades(account, 3);  // on days 0, 1 and 2
  account.next_day();
  account.fill(10);  // day 4
  EXPECT_NE(account.asks(-10), "");
  account.next_day();  // day 5: the one of day 0 is out
  account.fill(10);
  EXPECT_EQ(account.asks(-10), "");
}

TEST(PatternDayTrading, TakesMoreThanSixPercentOfAllTrades) {
  const auto asks_with = [](int other_trades) {
    const auto rule = make("pattern_day_trading");
    Trading account(*rule, make_date(2023, 5, 1));
    for (int i = 0; i < other_trades; ++i) account.fill(1, 1);
    make_day_trades(account, 3);
    account.fill(10);
    return account.asks(-10);
  };
  // Six trades made the three day trades, one opened the fourth, one is asked for.
  EXPECT_NE(asks_with(58).find("6.1 % of 66 trades"), std::string::npos);
  EXPECT_EQ(asks_with(59), "");  // 4 of 67 are 5.97 %
}

TEST(PatternDayTrading, HoldsForMarginAccountsAlone) {
  const auto rule = make("pattern_day_trading", {}, false);
  Trading account(*rule, make_date(2023, 5, 1));
  make_day_trades(account, 3);
  account.fill(10);
  EXPECT_EQ(account.asks(-10), "");
}

TEST(PatternDayTrading, IsNoRuleBeforeItsFirstRowAndAfterItsLast) {
  const auto refuses_on = [](Date date, const ParameterMap& settings = {}) {
    const auto rule = make("pattern_day_trading", settings);
    Trading account(*rule, date);
    make_day_trades(account, 3);
    account.fill(10);
    return !account.asks(-10).empty();
  };
  EXPECT_FALSE(refuses_on(make_date(2001, 9, 20)));
  EXPECT_TRUE(refuses_on(make_date(2001, 10, 1)));
  EXPECT_TRUE(refuses_on(make_date(2026, 5, 20)));
  EXPECT_FALSE(refuses_on(make_date(2026, 6, 4)));
  EXPECT_TRUE(refuses_on(make_date(2026, 6, 4), {{"phase_in_until", std::string("2027-10-20")}}));
  EXPECT_FALSE(refuses_on(make_date(2027, 10, 18), {{"phase_in_until", std::string("2027-10-20")}}));
  EXPECT_THROW(make("pattern_day_trading", {{"phase_in_until", std::string("soon")}}), Error);
}

/// Plays one day's trades of a position and returns how many day trades they are.
int count_day(DayTradeCount count, double overnight, const std::vector<double>& orders) {
  DayTrades trades(5, count);
  std::uint64_t id = 0;
  const auto fill = [&](double shares, std::uint64_t order) {
    JournalEntry entry = trade_for(make_date(2023, 5, 1), shares, 10.0);
    entry.order_id = order;
    trades.book(entry);
  };
  if (overnight != 0.0) fill(overnight, ++id);  // before the first session that is counted
  trades.open_session({1, make_date(2023, 5, 2)});
  for (const double shares : orders) fill(shares, ++id);
  return trades.day_trades();
}

TEST(DayTrades, AreTurnsFromOpeningToClosing) {
  const auto count = [](double overnight, const std::vector<double>& orders) {
    return count_day(DayTradeCount::kDirections, overnight, orders);
  };
  EXPECT_EQ(count(0, {10}), 0);
  EXPECT_EQ(count(0, {10, -10}), 1);
  EXPECT_EQ(count(0, {-10, 10}), 1);            // a short sale and its purchase
  EXPECT_EQ(count(0, {10, 10, 10, -30}), 1);    // purchases in a row are one
  EXPECT_EQ(count(0, {30, -10, -10, -10}), 1);  // and so are sales
  EXPECT_EQ(count(0, {10, -10, 10, -10}), 2);
  EXPECT_EQ(count(0, {10, -20, 10}), 2);  // through nothing and back
  EXPECT_EQ(count(10, {-10}), 0);         // held overnight, sold before a new purchase
  EXPECT_EQ(count(10, {-10, 10}), 0);     // and bought back
  EXPECT_EQ(count(10, {5, -5}), 1);       // sold after a new purchase
  EXPECT_EQ(count(10, {-4, 5, -5}), 1);
  EXPECT_EQ(count(-10, {10}), 0);
  EXPECT_EQ(count(-10, {-5, 5}), 1);
}

TEST(DayTrades, WereOpeningOrdersThatWereClosed) {
  const auto count = [](double overnight, const std::vector<double>& orders) {
    return count_day(DayTradeCount::kOpeningOrders, overnight, orders);
  };
  EXPECT_EQ(count(0, {10, 10, 10, -30}), 3);
  EXPECT_EQ(count(0, {10, 10, 10, -15}), 2);
  EXPECT_EQ(count(0, {30, -10, -10, -10}), 1);
  EXPECT_EQ(count(0, {10, -10, 10, -10}), 2);
  EXPECT_EQ(count(10, {-10, 10}), 0);
}

TEST(DayTrades, TheFillsOfAnOrderAreOneTrade) {
  DayTrades trades(5, DayTradeCount::kOpeningOrders);
  trades.open_session({1, make_date(2023, 5, 2)});
  for (const auto& [shares, order] : {std::pair{5.0, 1U}, {5.0, 1U}, {-4.0, 2U}, {-6.0, 2U}}) {
    JournalEntry entry = trade_for(make_date(2023, 5, 2), shares, 10.0);
    entry.order_id = order;
    trades.book(entry);
  }
  EXPECT_EQ(trades.trades(), 2);
  EXPECT_EQ(trades.day_trades(), 1);
}

TEST(DayTrades, ASessionThatIsTakenUpAgainGoesOn) {
  DayTrades trades(5, DayTradeCount::kDirections);
  const Session session{1, make_date(2023, 5, 2)};
  trades.open_session(session);
  JournalEntry entry = trade_for(session.date, 10, 100.0);
  entry.order_id = 1;
  trades.book(entry);
  DayTrades restored(5, DayTradeCount::kDirections);
  restored.restore(trades.save());
  restored.open_session(session);
  EXPECT_EQ(restored.trades(), 1);
  EXPECT_EQ(restored.added_by(checked_order(0, OrderSide::kSell, 10)), 1);
}

TEST(WashSaleRule, WarnsOfAPurchaseThatReplaces) {
  const auto rule = make("wash_sales", {{"mode", std::string("warn")}});
  const Date start = make_date(2024, 1, 2);
  rule->booked(trade_for(start - 100, 100, 1000));
  rule->booked(trade_for(start, -100, 750));
  const CheckedOrder order = checked_order(0, OrderSide::kBuy, 100, 8.0, start + 20);
  std::vector<OrderFinding> findings;
  rule->judge(order, findings);
  ASSERT_EQ(findings.size(), 1u);
  EXPECT_FALSE(findings[0].refused);
  EXPECT_EQ(findings[0].figures,
            "100 shares replace what was sold on 2024-01-02 at a loss: 250.00 would be deferred");
  EXPECT_EQ(rule_of(*rule, checked_order(0, OrderSide::kBuy, 100, 8.0, start + 31)), "");
}

TEST(WashSaleRule, OnlyKeepsBooksUnlessItIsAsked) {
  const auto rule = make("wash_sales");
  rule->booked(trade_for(make_date(2024, 1, 2), 100, 1000));
  rule->booked(trade_for(make_date(2024, 3, 2), -100, 750));
  EXPECT_EQ(rule_of(*rule, checked_order(0, OrderSide::kBuy, 100, 8.0, make_date(2024, 3, 3))), "");
}

TEST(WashSaleRule, LeavesExemptSymbolsAlone) {
  const auto rule = make("wash_sales", {{"mode", std::string("block")}, {"exempt", std::string("A,C")}});
  rule->booked(trade_for(make_date(2024, 1, 2), 100, 1000));
  rule->booked(trade_for(make_date(2024, 3, 2), -100, 750));
  EXPECT_EQ(rule_of(*rule, checked_order(0, OrderSide::kBuy, 100, 8.0, make_date(2024, 3, 3))), "");
  EXPECT_THROW(make("wash_sales", {{"exempt", std::string("BTC")}}), Error);
}

TEST(SymbolKeyedChecks, FindTheirInstrumentsAmongOtherSymbols) {
  const auto checks_of = [](const std::vector<std::string>& symbols) {
    RuleRegistry rules("rule");
    plugins::rules::register_all(rules);
    PretradeSettings settings;
    settings.duplicate_seconds = 1e6;
    auto list = std::make_unique<OrderCheckList>();
    list->add("pretrade", std::make_unique<PretradeChecks>(settings, symbols));
    for (const char* rule : {"pattern_day_trading", "short_sales", "wash_sales"}) {
      list->add(rule, make_rule(rules, rule, {"us", true, symbols}, {{"mode", std::string("block")}}));
    }
    return std::make_unique<SymbolKeyedChecks>(std::move(list), symbols);
  };
  const Date start = make_date(2024, 1, 2);
  const auto before = checks_of({"B", "C"});
  before->booked(trade_for(start - 100, 10, 100, 1));
  before->booked(trade_for(start, -10, 70, 1));
  before->sent(checked_order(0, OrderSide::kBuy, 5, 8.0, start));
  const auto after = checks_of({"A", "B", "C"});
  after->restore(before->save());
  EXPECT_EQ(rule_of(*after, checked_order(2, OrderSide::kBuy, 4, 8.0, start + 3)), "wash_sales");
  EXPECT_EQ(rule_of(*after, checked_order(1, OrderSide::kBuy, 5, 8.0, start + 3)), "duplicate_order");
  EXPECT_EQ(rule_of(*after, checked_order(0, OrderSide::kBuy, 5, 8.0, start + 3)), "");
  EXPECT_THROW(checks_of({"A", "B"})->restore(before->save()), Error);
}

CheckedOrder short_sale(double shares, double held, std::uint32_t name = 0,
                        Date date = make_date(2020, 3, 3)) {
  return checked_order(name, OrderSide::kSell, shares, 10.0, date, held);
}

TEST(ShortSales, NeedAMarginAccountAndABorrow) {
  PriceFeed feed(kSymbols);
  const auto cash = make("short_sales", {}, false);
  cash->open_session({0, make_date(2020, 3, 3)}, feed);
  EXPECT_EQ(figures_of(*cash, short_sale(10, 4)), "6 shares sold short in a cash account");
  EXPECT_EQ(rule_of(*cash, short_sale(10, 10)), "");
  const auto margin = make("short_sales", {{"borrow", std::string("B")}});
  margin->open_session({0, make_date(2020, 3, 3)}, feed);
  EXPECT_EQ(rule_of(*margin, short_sale(10, 0)), "short_sale_borrow");
  EXPECT_EQ(rule_of(*margin, short_sale(10, 0, 1)), "");
  EXPECT_EQ(rule_of(*margin, checked_order(0, OrderSide::kBuy, 10)), "");
}

/// The rule that refuses a short sale on a day, after a day with this low and before one with this open; the
/// close before each is 10.
std::string after_fall(double low, double open, Date date = make_date(2020, 3, 3)) {
  PriceFeed feed(kSymbols);
  const auto rule = make("short_sales");
  rule->open_session({0, date - 1}, feed);
  feed.prices[0] = {10.0, 10.0, low};
  rule->close_session({0, date - 1}, feed);
  rule->open_session({1, date}, feed);
  CheckedOrder order = short_sale(10, 0, 0, date);
  order.price = to_money(open);
  return rule_of(*rule, order);
}

TEST(ShortSales, AFallOfTenPercentSetsOffThePriceTestForThatDayAndTheNext) {
  EXPECT_EQ(after_fall(9.01, 10.0), "");
  EXPECT_EQ(after_fall(9.0, 10.0), "short_sale_price_test");
  EXPECT_EQ(after_fall(9.9, 9.0), "short_sale_price_test");
  EXPECT_EQ(after_fall(9.9, 9.01), "");
  EXPECT_EQ(after_fall(5.0, 10.0, make_date(2011, 2, 25)), "");  // before the rule
  EXPECT_EQ(after_fall(5.0, 10.0, make_date(2011, 2, 28)), "short_sale_price_test");
}

TEST(ShortSales, TheTestEndsAfterTheNextDay) {
  PriceFeed feed(kSymbols);
  const auto rule = make("short_sales");
  feed.prices[0] = {10.0, 10.0, 8.0};
  rule->open_session({0, make_date(2020, 3, 2)}, feed);
  rule->close_session({0, make_date(2020, 3, 2)}, feed);
  feed.prices[0] = {8.0, 8.0, 7.9};
  rule->open_session({1, make_date(2020, 3, 3)}, feed);
  EXPECT_EQ(rule_of(*rule, short_sale(10, 0)), "short_sale_price_test");
  rule->close_session({1, make_date(2020, 3, 3)}, feed);
  rule->open_session({2, make_date(2020, 3, 4)}, feed);
  EXPECT_EQ(rule_of(*rule, short_sale(10, 0)), "");
}

TEST(PositionLimits, AreOfSharesOfASymbolOrOfWhatIsOutstanding) {
  const auto rule = make("position_limits", {{"max_shares", 100.0},
                                             {"shares", std::string("B=20")},
                                             {"max_outstanding", 0.05},
                                             {"outstanding", std::string("C=1000")}});
  const auto buy = [&](std::uint32_t name, double shares, double held) {
    return figures_of(*rule, checked_order(name, OrderSide::kBuy, shares, 10.0, make_date(2024, 3, 1), held));
  };
  EXPECT_EQ(buy(0, 40, 60), "");
  EXPECT_EQ(buy(0, 41, 60), "101 shares after the order; at most 100");
  EXPECT_EQ(buy(1, 21, 0), "21 shares after the order; at most 20");
  EXPECT_EQ(buy(2, 51, 0), "51 shares after the order; at most 50 (5.00 % of 1000 outstanding)");
  EXPECT_EQ(rule_of(*rule, checked_order(0, OrderSide::kSell, 10, 10.0, make_date(2024, 3, 1), 500.0)), "");
  EXPECT_EQ(figures_of(*rule, checked_order(0, OrderSide::kSell, 101)),
            "-101 shares after the order; at most 100");
  EXPECT_THROW(make("position_limits"), Error);
  EXPECT_THROW(make("position_limits", {{"shares", std::string("B=none")}}), Error);
}

/// A margin account that holds what was bought and sold at 10 a share, on a session whose last closes are
/// `price`.
class MarginAccount {
 public:
  explicit MarginAccount(const ParameterMap& settings = {}, bool margin = true)
      : rule_(make("margin", settings, margin)), feed_(kSymbols) {}

  void hold(double shares, std::uint32_t name) {
    rule_->booked(trade_for(day_, shares, 10.0 * std::abs(shares), name));
  }
  std::string rule(double shares, double equity, double price = 10.0, std::uint32_t name = 0,
                   double held = 0.0) {
    for (KnownPrices& known : feed_.prices) known.last_close = price;
    rule_->open_session({1, day_}, feed_);
    CheckedOrder order = checked_order(name, shares > 0 ? OrderSide::kBuy : OrderSide::kSell,
                                       std::abs(shares), price, day_, held);
    order.equity = to_money(equity);
    return rule_of(*rule_, order);
  }
  OrderCheck& check() { return *rule_; }

 private:
  const Date day_ = make_date(2024, 3, 1);
  std::unique_ptr<OrderCheck> rule_;
  PriceFeed feed_;
};

TEST(MarginRule, HalfOfWhatIsHeldHasToBeThereAtFirst) {
  MarginAccount account;
  account.hold(100, 1);  // 1000
  EXPECT_EQ(account.rule(100, 1000.0), "") << "half of 2000";
  EXPECT_EQ(account.rule(101, 1000.0), "initial_margin");
  EXPECT_EQ(account.rule(-100, 1000.0), "") << "short sales count like purchases";
  EXPECT_EQ(account.rule(-101, 1000.0), "initial_margin");
}

TEST(MarginRule, AQuarterHasToBeMaintained) {
  MarginAccount account;
  account.hold(100, 1);
  EXPECT_EQ(account.rule(1, 249.0), "margin_call");
  EXPECT_EQ(account.rule(1, 250.0), "initial_margin") << "no call, but nothing is to be opened either";
  EXPECT_EQ(account.rule(-100, 249.0, 10.0, 1, 100.0), "") << "what is held may always be closed";
}

TEST(MarginRule, AShortPositionTakesMore) {
  MarginAccount account;
  account.hold(-100, 1);
  // $5 a share is more than 30 % of 10, and less than 30 % of 20.
  EXPECT_EQ(account.rule(1, 499.0), "margin_call");
  EXPECT_EQ(account.rule(1, 500.0), "initial_margin");
  EXPECT_EQ(account.rule(1, 599.0, 20.0), "margin_call");
  EXPECT_EQ(account.rule(1, 600.0, 20.0), "initial_margin");
  // Under $5 the whole value, and $2.50 a share at least.
  EXPECT_EQ(account.rule(1, 399.0, 4.0), "margin_call");
  EXPECT_EQ(account.rule(1, 400.0, 4.0), "");
  EXPECT_EQ(account.rule(1, 249.0, 1.0), "margin_call");
  EXPECT_EQ(account.rule(1, 250.0, 1.0), "");
}

TEST(MarginRule, ABrokerMayAskForMore) {
  MarginAccount account({{"initial", 1.0}, {"maintenance", 0.4}});
  account.hold(100, 1);
  EXPECT_EQ(account.rule(1, 399.0), "margin_call");
  EXPECT_EQ(account.rule(100, 1999.0), "initial_margin");
  EXPECT_EQ(account.rule(100, 2000.0), "");
  MarginAccount lenient({{"initial", 0.1}, {"maintenance", 0.1}});
  lenient.hold(100, 1);
  EXPECT_EQ(lenient.rule(1, 249.0), "margin_call") << "less than the law is the law";
}

TEST(MarginRule, ACashAccountHasNone) {
  MarginAccount account({}, false);
  account.hold(100, 1);
  EXPECT_EQ(account.rule(100, 1.0), "");
}

TEST(MarginRule, SplitsAndAdoptedSharesCount) {
  MarginAccount account;
  account.hold(100, 1);
  account.check().booked(testing::split_by(make_date(2024, 3, 1), 100, 1));
  EXPECT_EQ(account.rule(1, 250.0, 5.0), "initial_margin");
  JournalEntry adopted = testing::split_by(make_date(2024, 3, 1), 200, 1);
  adopted.kind = EntryKind::kAdjustment;
  account.check().booked(adopted);
  EXPECT_EQ(account.rule(1, 499.0, 5.0), "margin_call") << "400 shares at 5";
}

TEST(MarginRule, AnAccountThatHadNoSuchRuleKnowsWhatItHolds) {
  MarginAccount account;
  account.check().begin([](std::optional<Date>) {
    return std::vector<JournalEntry>{trade_for(make_date(2024, 2, 1), 100, 1000.0, 1)};
  });
  EXPECT_EQ(account.rule(1, 249.0), "margin_call");
}

/// An account of one or more positions at their prices, with an equity.
struct Books {
  std::vector<Position> positions;
  double equity = 0.0;

  void hold(std::uint32_t name, double shares, double price) {
    Position position;
    position.instrument = name;
    position.quantity = to_quantity(shares);
    position.mark = to_money(price);
    position.value = multiply(position.mark, position.quantity);
    positions.push_back(position);
  }
  AccountView view(Date day) const { return {{1, day}, to_money(equity), positions}; }
};

/// Tells a rule of a close, and returns what it wants closed on the morning after.
std::vector<ForcedReduction> forced(OrderCheck& rule, const Books& books, std::string* said = nullptr) {
  const Date day = make_date(2024, 3, 1);
  PriceFeed feed(kSymbols);
  rule.open_session({1, day}, feed);
  std::vector<OrderFinding> findings;
  rule.close_account(books.view(day), findings);
  if (said != nullptr) *said = findings.empty() ? "" : findings.front().figures;
  rule.open_session({2, day + 1}, feed);
  std::vector<ForcedReduction> reductions;
  rule.force(books.view(day + 1), reductions);
  return reductions;
}

TEST(MarginRule, ReducesWhatTheExampleOfTheSecWouldHaveToSell) {
  // SEC, "Investor Bulletin: Understanding Margin Accounts": $16,000 bought for $8,000 of one's own; at
  // $12,000 the equity is $4,000, enough for 25 % ($3,000), and $800 under a firm's 40 % ($4,800). Sales of
  // $800 / 40 % = $2,000 leave $10,000, of which 40 % is $4,000.
  Books books;
  books.hold(0, 1000, 12.0);
  books.equity = 4000.0;
  ParameterMap settings = {{"on_call", std::string("reduce")}, {"cushion", 0.0}};
  EXPECT_TRUE(forced(*make("margin", settings), books).empty()) << "25 % is met";
  settings["maintenance"] = 0.4;
  std::string said;
  const auto reductions = forced(*make("margin", settings), books, &said);
  ASSERT_EQ(reductions.size(), 1u);
  EXPECT_NEAR(reductions[0].quantity.units() * 12.0, 2000.0, 1e-4);
  EXPECT_EQ(said, "begins: the equity of 4000.00 is under the maintenance requirement of 4800.00");
  // A cushion of 10 %: 1.1 x 40 % of what is left is $4,000.
  settings["cushion"] = 0.1;
  EXPECT_NEAR(forced(*make("margin", settings), books)[0].quantity.units() * 12.0, 12'000.0 - 4000.0 / 0.44,
              1e-4);
  settings["on_call"] = std::string("refuse");
  EXPECT_TRUE(forced(*make("margin", settings), books, &said).empty());
  EXPECT_NE(said, "") << "told all the same";
  EXPECT_TRUE(forced(*make("margin", settings, false), books, &said).empty());
  EXPECT_EQ(said, "") << "a cash account has no margin";
}

TEST(MarginRule, ReducesLongAndShortInProportionAndCountsCosts) {
  Books books;
  books.hold(0, 100, 50.0);   // 25 % of 5000
  books.hold(1, -100, 10.0);  // $5 a share
  books.hold(2, -100, 2.0);   // $2.50 a share
  books.equity = 1500.0;      // of 1250 + 500 + 250
  RuleRegistry rules("rule");
  plugins::rules::register_all(rules);
  const RuleContext costly{"us", true, kSymbols, 0.01, 0.0, 0.0};
  const auto rule =
      make_rule(rules, "margin", costly, {{"on_call", std::string("reduce")}, {"cushion", 0.0}});
  const auto reductions = forced(*rule, books);
  ASSERT_EQ(reductions.size(), 3u);
  // 1500 - 1 % of p x 6200 = (1 - p) x 2000, so p = 500 / 1938.
  for (const ForcedReduction& each : reductions) {
    EXPECT_NEAR(each.quantity.units(), 100.0 * 500.0 / 1938.0, 1e-4);
  }
  books.equity = -10.0;
  for (const ForcedReduction& each : forced(*rule, books)) EXPECT_EQ(each.quantity, to_quantity(100.0));
}

}  // namespace
}  // namespace orrery::rules_test
