// Funding of perpetual futures in the backtest: when it is paid, on what, and where it stands.
#include <gtest/gtest.h>

#include <algorithm>

#include "orrery/backtest/backtest.h"
#include "orrery/backtest/journal_verify.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "testing/scripted_strategy.h"
#include "testing/small_market.h"

namespace orrery::funding_test {
namespace {

using testing::make_market;
using testing::ScriptedStrategy;
using testing::to_weight;

constexpr double kRate = 0.001;

Timestamp at_hour(const MarketData& market, std::size_t row, int hour) {
  return {start_of(market.dates[row]).nanoseconds + hour * 3'600 * kNanosecondsPerSecond};
}

/// A perpetual at a constant price of 10 with funding at 00:00, 08:00 and 16:00 of four sessions. The marks
/// tell the moments apart: 10, 20 and 30.
MarketData perpetual_market() {
  MarketData market = make_market({{"P", {10.0, 10.0, 10.0, 10.0}}});
  for (std::size_t row = 0; row < 4; ++row) {
    for (const int hour : {0, 8, 16}) {
      market.funding.push_back({0, row, at_hour(market, row, hour), kRate, 10.0 + hour / 8 * 10.0});
    }
  }
  return market;
}

/// Decides after the first session for `weight` of 10,000 in P, traded on the second; closes it on the third.
BacktestResult run(const MarketData& market, double weight, FillPrice price) {
  BacktestConfig config;
  config.initial_cash = 10'000.0;
  config.price = price;
  ScriptedStrategy strategy({{0, {to_weight(0, weight)}}, {1, {to_weight(0, 0.0)}}});
  const Panel scores(market.rows(), market.instruments(), 0.0);
  return run_backtest(market, scores, strategy, config);
}

std::vector<JournalEntry> funding_of(const BacktestResult& result) {
  std::vector<JournalEntry> entries;
  std::copy_if(result.journal.begin(), result.journal.end(), std::back_inserter(entries),
               [](const JournalEntry& entry) { return entry.kind == EntryKind::kFunding; });
  return entries;
}

void expect_verified(const BacktestResult& result) {
  const auto books = verify_journal(trades_table(result), positions_table(result), equity_table(result));
  EXPECT_TRUE(books.verified()) << books.summary();
}

// 500 contracts are bought at the close of session 1, behind its funding, and sold at the close of session 2,
// behind its funding: three payments of 0.1 % on 500 contracts at 10, 20 and 30.
TEST(Funding, IsPaidOnWhatIsHeldBeforeAFillAtTheClose) {
  const BacktestResult result = run(perpetual_market(), 0.5, FillPrice::kClose);
  const auto entries = funding_of(result);
  ASSERT_EQ(entries.size(), 3u);
  const double expected[] = {-5.0, -10.0, -15.0};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(entries[i].session.row, 2u);
    EXPECT_EQ(entries[i].value, to_money(expected[i]));
    EXPECT_EQ(entries[i].quantity, to_quantity(500));
    EXPECT_EQ(entries[i].rate, to_rate(kRate));
  }
  EXPECT_EQ(result.daily[1].funding, Money{});
  EXPECT_EQ(result.daily[2].funding, to_money(-30));
  EXPECT_EQ(result.daily[2].cash, to_money(9'970));
  EXPECT_EQ(result.funding, to_money(-30));
  expect_verified(result);
}

// Bought at the open of session 1, 00:00: its funding of 08:00 and 16:00 is paid, that of 00:00 is not. Sold
// at the open of session 2: its funding of 00:00 is paid.
TEST(Funding, OfLaterMomentsIsPaidOnWhatAFillAtTheOpenLeaves) {
  const BacktestResult result = run(perpetual_market(), 0.5, FillPrice::kOpen);
  ASSERT_EQ(funding_of(result).size(), 3u);
  EXPECT_EQ(result.daily[1].funding, to_money(-25));
  EXPECT_EQ(result.daily[2].funding, to_money(-5));
  expect_verified(result);
}

TEST(Funding, IsReceivedByTheShortSide) {
  const BacktestResult result = run(perpetual_market(), -0.5, FillPrice::kClose);
  EXPECT_EQ(result.daily.back().equity, to_money(10'030));
  EXPECT_EQ(funding_of(result).front().quantity, to_quantity(-500));
  expect_verified(result);
}

TEST(Funding, IsPartOfTheGrossReturnAndOfTheNetReturn) {
  const BacktestResult result = run(perpetual_market(), 0.5, FillPrice::kClose);
  EXPECT_DOUBLE_EQ(result.daily[2].net_return, -30.0 / 10'000.0);
  EXPECT_DOUBLE_EQ(result.daily[2].gross_return, -30.0 / 10'000.0);
}

TEST(Funding, NeedsAFillWhoseMomentIsKnown) {
  EXPECT_THROW(run(perpetual_market(), 0.5, FillPrice::kVwap), Error);
}

TEST(Funding, HasColumnsOfItsOwnOnlyWhereThereIsAny) {
  const auto has = [](const Table& table, std::string_view name) {
    return std::any_of(table.columns.begin(), table.columns.end(),
                       [&](const Column& column) { return column.name == name; });
  };
  const BacktestResult paid = run(perpetual_market(), 0.5, FillPrice::kClose);
  EXPECT_TRUE(has(trades_table(paid), "rate") && has(trades_table(paid), "rate_billionths"));
  EXPECT_TRUE(has(equity_table(paid), "funding"));
  MarketData without = perpetual_market();
  without.funding.clear();
  const BacktestResult unpaid = run(without, 0.5, FillPrice::kClose);
  EXPECT_FALSE(has(trades_table(unpaid), "rate") || has(equity_table(unpaid), "funding"));
}

}  // namespace
}  // namespace orrery::funding_test
