// What borrowed shares and money cost in the backtest: on what, for which days, and where it stands.
#include <gtest/gtest.h>

#include <algorithm>
#include <iterator>
#include <vector>

#include "orrery/backtest/backtest.h"
#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "plugins/strategies/registry.h"
#include "testing/scripted_strategy.h"
#include "testing/small_market.h"

namespace orrery::financing_test {
namespace {

using testing::make_market;
using testing::ScriptedStrategy;
using testing::to_hold;
using testing::to_weight;

/// Wednesday 1 to Friday 3 January 2020, Monday 6: A at 10, B at 20.
MarketData four_sessions() {
  return make_market({{"A", {10.0, 10.0, 10.0, 10.0}}, {"B", {20.0, 20.0, 20.0, 20.0}}});
}

BacktestResult run(const MarketData& market, std::vector<Target> targets, const FinancingRates& rates) {
  BacktestConfig config;
  config.initial_cash = 10'000.0;
  config.financing = rates;
  ScriptedStrategy strategy({{0, std::move(targets)}});
  const Panel scores(market.rows(), market.instruments(), 0.0);
  return run_backtest(market, scores, strategy, config);
}

std::vector<JournalEntry> entries_of(const BacktestResult& result, EntryKind kind) {
  std::vector<JournalEntry> entries;
  std::copy_if(result.journal.begin(), result.journal.end(), std::back_inserter(entries),
               [&](const JournalEntry& entry) { return entry.kind == kind; });
  return entries;
}

JournalVerification verify(const BacktestResult& result) {
  return verify_journal(trades_table(result), positions_table(result), equity_table(result));
}

// Short 400 A = 4,000 from Thursday's close on: 36.5 % a year is a thousandth a day. One day until Friday,
// three until Monday.
TEST(Financing, ShortPositionsPayForEveryCalendarDay) {
  FinancingRates rates;
  rates.borrow = 0.365;
  const BacktestResult result = run(four_sessions(), {to_weight(0, -0.4), to_weight(1, 0.4)}, rates);
  const auto fees = entries_of(result, EntryKind::kBorrowFee);
  ASSERT_EQ(fees.size(), 2u);
  EXPECT_EQ(fees[0].value, to_money(-4));
  EXPECT_EQ(fees[1].value, to_money(-12));
  EXPECT_EQ(fees[1].quantity, to_quantity(-400));
  EXPECT_EQ(fees[1].price, to_money(10));
  EXPECT_EQ(fees[1].rate, to_rate(0.003));
  EXPECT_EQ(result.borrow_fees, to_money(16));
  EXPECT_EQ(result.daily[3].financing, to_money(-12));
  EXPECT_EQ(result.daily[3].equity, to_money(10'000 - 16));
  EXPECT_EQ(result.daily[3].net_return, result.daily[3].gross_return);
  EXPECT_TRUE(verify(result).verified()) << verify(result).summary();
}

TEST(Financing, EachNameMayHaveARateOfItsOwn) {
  FinancingRates rates;
  rates.borrow_of = {0.365, 0.0};
  const BacktestResult result = run(four_sessions(), {to_weight(0, -0.2), to_weight(1, -0.2)}, rates);
  ASSERT_EQ(entries_of(result, EntryKind::kBorrowFee).size(), 2u);
  EXPECT_EQ(result.borrow_fees, to_money(2 + 6));
}

// 10,000 in cash from Wednesday's close; 5,000 of it buy A on Thursday.
TEST(Financing, FreeCashEarnsInterest) {
  FinancingRates rates;
  rates.cash = 0.0365;
  const BacktestResult result = run(four_sessions(), {to_weight(0, 0.5)}, rates);
  const auto interest = entries_of(result, EntryKind::kInterest);
  ASSERT_EQ(interest.size(), 3u);
  EXPECT_EQ(interest[0].value, to_money(1));
  EXPECT_EQ(interest[1].value, to_money(0.5001));
  EXPECT_EQ(interest[2].price, to_money(5'001.5001)) << "what was earned before earns, too";
  EXPECT_EQ(result.interest, result.daily.back().equity - to_money(10'000));
  EXPECT_TRUE(verify(result).verified()) << verify(result).summary();
}

// Long 13,000 and short 3,000: the proceeds of the short sale are collateral, so 3,000 of the purchase are
// borrowed.
TEST(Financing, WhatALongPositionTakesBeyondTheEquityIsALoan) {
  FinancingRates rates;
  rates.cash = 0.01;
  rates.loan = 0.365;
  const BacktestResult result = run(four_sessions(), {to_weight(0, -0.3), to_weight(1, 1.3)}, rates);
  const auto interest = entries_of(result, EntryKind::kInterest);
  ASSERT_EQ(interest.size(), 3u);
  EXPECT_GT(interest[0].value, Money{});
  EXPECT_NEAR(interest[1].price.units(), -3'000.0, 0.5);
  EXPECT_NEAR(interest[1].value.units(), -3.0, 1e-3);
  EXPECT_NEAR(interest[2].value.units(), -9.0, 2e-2);
  EXPECT_TRUE(verify(result).verified()) << verify(result).summary();
}

TEST(Financing, APerpetualFutureIsNotBorrowed) {
  MarketData market = four_sessions();
  market.funding.push_back({0, 3, start_of(market.dates[3]), 0.001, 10.0});
  FinancingRates rates;
  rates.borrow = 0.365;
  const BacktestResult result = run(market, {to_weight(0, -0.4), to_weight(1, -0.2)}, rates);
  for (const JournalEntry& fee : entries_of(result, EntryKind::kBorrowFee)) EXPECT_EQ(fee.instrument, 1u);
  EXPECT_EQ(result.borrow_fees, to_money(2 + 6));
  EXPECT_EQ(result.funding, to_money(4));
}

TEST(Financing, CostsNothingWhereNoRateIsGiven) {
  const BacktestResult result = run(four_sessions(), {to_weight(0, -0.4), to_weight(1, 0.4)}, {});
  EXPECT_TRUE(entries_of(result, EntryKind::kBorrowFee).empty());
  EXPECT_TRUE(entries_of(result, EntryKind::kInterest).empty());
  for (const Table& table : {trades_table(result), equity_table(result)}) {
    for (const Column& column : table.columns) {
      EXPECT_TRUE(column.name != "financing" && column.name != "rate") << column.name;
    }
  }
}

TEST(Financing, RatesMustBePossible) {
  for (const FinancingRates& rates :
       {FinancingRates{-0.1, {}, 0.0, 0.0}, FinancingRates{0.0, {0.1}, 0.0, 0.0},
        FinancingRates{0.0, {}, std::numeric_limits<double>::infinity(), 0.0},
        FinancingRates{0.0, {}, 0.0, -2.0}}) {
    EXPECT_THROW(run(four_sessions(), {to_weight(0, 0.5)}, rates), Error);
  }
}

/// Long and short books in a random market with dividends, splits and funding besides.
BacktestResult eventful_run(std::uint64_t seed) {
  MarketData market = testing::make_random_market(120, 30, seed, 0.02);
  Random random(seed + 1);
  for (int i = 0; i < 80; ++i) {
    market.dividend(random.below(120), random.below(30)) = 0.5;
    if (i < 20) market.split_ratio(random.below(120), random.below(30)) = 1.5;
  }
  testing::add_random_funding(market, seed + 2);
  StrategyRegistry registry("strategy");
  plugins::strategies::register_all(registry);
  const auto strategy = make_strategy(registry, "long_short_quantile", {});
  BacktestConfig config;
  config.costs = {5.0, 3.0, 1.0};
  config.unknown_delisting_return = -0.3;
  config.financing.borrow = 0.03;
  config.financing.cash = 0.02;
  config.financing.loan = 0.06;
  return run_backtest(market, testing::make_random_scores(market, seed + 3), *strategy, config);
}

TEST(Financing, IsRebuiltToTheMicroUnitAmongEverythingElse) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const BacktestResult result = eventful_run(seed);
    EXPECT_TRUE(verify(result).verified()) << verify(result).summary();
    EXPECT_GT(entries_of(result, EntryKind::kBorrowFee).size(), 200u);
    EXPECT_GT(entries_of(result, EntryKind::kInterest).size(), 50u);
    // What was earned less what was spent, by the totals, is what became of the cash paid in.
    Money open;
    for (const PositionRow& row : result.positions) {
      if (row.date == result.daily.back().date) open += multiply(row.mark, row.quantity);
    }
    Money traded;
    for (const JournalEntry& entry : result.journal) {
      const bool exchange = entry.kind == EntryKind::kTrade || entry.kind == EntryKind::kDelisting ||
                            entry.kind == EntryKind::kCashInLieu;
      if (exchange) traded += entry.side == OrderSide::kBuy ? -entry.value : entry.value;
    }
    EXPECT_EQ(result.daily.back().equity, result.initial_cash + traded + open + result.dividends +
                                              result.funding + result.interest - result.borrow_fees -
                                              result.commission - result.slippage);
  }
}

TEST(Financing, AnyChangedAmountIsFound) {
  const BacktestResult whole = eventful_run(7);
  for (const EntryKind kind : {EntryKind::kBorrowFee, EntryKind::kInterest}) {
    const auto place = std::find_if(
        whole.journal.begin() + 300, whole.journal.end(),
        [&](const JournalEntry& entry) { return entry.kind == kind && magnitude(entry.value) > Money{}; });
    ASSERT_NE(place, whole.journal.end());
    const auto i = static_cast<std::size_t>(place - whole.journal.begin());
    const auto is_found = [&](auto change) {
      BacktestResult changed = whole;
      change(changed.journal[i]);
      return !verify(changed).verified();
    };
    EXPECT_TRUE(is_found([](JournalEntry& entry) { entry.value += Money{1}; }));
    EXPECT_TRUE(is_found([](JournalEntry& entry) { entry.price += Money{1}; }));
    EXPECT_TRUE(is_found([](JournalEntry& entry) { entry.quantity += Quantity{1}; }));
    EXPECT_TRUE(is_found([](JournalEntry& entry) { entry.rate.parts_per_billion *= -1; }));
  }
}

}  // namespace
}  // namespace orrery::financing_test
