#include "orrery/backtest/journal_verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <string>

#include "orrery/backtest/backtest.h"
#include "orrery/backtest/result_tables.h"
#include "orrery/base/error.h"
#include "orrery/data/parquet.h"
#include "plugins/strategies/registry.h"
#include "testing/small_market.h"
#include "testing/temporary_folder.h"

namespace orrery::journal_verify_test {
namespace {

/// A year of a long-short book with everything that can happen to it.
BacktestResult eventful_run(const MarketData& market, const char* strategy_name, bool fractional) {
  StrategyRegistry registry("strategy");
  plugins::strategies::register_all(registry);
  const auto strategy = make_strategy(registry, strategy_name, {});
  BacktestConfig config;
  config.initial_cash = 1e6;
  config.costs = {5.0, 3.0, 1.0};
  config.fractional = fractional;
  config.max_volume_share = 0.1;
  config.unknown_delisting_return = -0.3;
  return run_backtest(market, testing::make_random_scores(market, 5), *strategy, config);
}

MarketData eventful_market() {
  MarketData market = testing::make_random_market(250, 60, 9, 0.03);
  Random random(10);
  for (int i = 0; i < 200; ++i) {
    market.dividend(random.below(250), random.below(60)) = 0.01 * static_cast<double>(1 + random.below(100));
    const double ratios[] = {2.0, 1.5, 0.1};
    if (i < 60) market.split_ratio(random.below(250), random.below(60)) = ratios[random.below(3)];
  }
  for (std::size_t name = 0; name < 12; ++name) {  // names that stop trading, half of them with a record
    const std::size_t last = 40 + 15 * name;
    for (std::size_t row = last; row < 250; ++row) {
      market.present(row, name) = 0;
      for (auto& [field, panel] : market.raw) panel(row, name) = testing::kNoBar;
    }
    if (name % 2 == 0) market.delistings.push_back({name, last, -0.3, "performance"});
  }
  testing::add_random_funding(market, 11);
  return market;
}

JournalVerification verify(const BacktestResult& result) {
  return verify_journal(trades_table(result), positions_table(result), equity_table(result));
}

std::size_t count(const BacktestResult& result, EntryKind kind) {
  std::size_t found = 0;
  for (const JournalEntry& entry : result.journal) found += entry.kind == kind ? 1 : 0;
  return found;
}

TEST(JournalVerify, RebuildsEventfulBooksToTheMicroUnit) {
  const MarketData market = eventful_market();
  std::size_t fractions_paid = 0;
  for (const char* strategy : {"topk_dropout", "top_quantile", "long_short_quantile"}) {
    for (const bool fractional : {true, false}) {
      SCOPED_TRACE(strategy);
      const BacktestResult result = eventful_run(market, strategy, fractional);
      const auto books = verify(result);
      EXPECT_TRUE(books.verified()) << books.summary();
      EXPECT_EQ(books.sessions, 250u);
      EXPECT_GT(count(result, EntryKind::kTrade), 300u);
      EXPECT_GT(count(result, EntryKind::kDividend), 5u);
      EXPECT_GT(count(result, EntryKind::kSplit), 2u);
      EXPECT_GT(count(result, EntryKind::kDelisting), 0u);
      EXPECT_GT(count(result, EntryKind::kFunding), 1000u);
      fractions_paid += count(result, EntryKind::kCashInLieu);
      EXPECT_TRUE(verify_prices(positions_table(result), market).empty());
    }
  }
  EXPECT_GT(fractions_paid, 0u);
}

TEST(JournalVerify, SurvivesTheRunFolder) {
  const BacktestResult result = eventful_run(eventful_market(), "topk_dropout", true);
  const testing::TemporaryFolder folder;
  write_parquet(trades_table(result), folder.path() / "trades.parquet");
  write_parquet(positions_table(result), folder.path() / "positions.parquet");
  write_parquet(equity_table(result), folder.path() / "equity.parquet");
  const auto books = verify_journal(read_parquet(folder.path() / "trades.parquet"),
                                    read_parquet(folder.path() / "positions.parquet"),
                                    read_parquet(folder.path() / "equity.parquet"));
  EXPECT_TRUE(books.verified()) << books.summary();
}

TEST(JournalVerify, ADroppedFillIsFoundWithItsSessionAndAmount) {
  const BacktestResult whole = eventful_run(eventful_market(), "topk_dropout", true);
  for (std::size_t i = 0; i < whole.journal.size(); i += 97) {
    BacktestResult dropped = whole;
    const JournalEntry entry = whole.journal[i];
    if (entry.kind != EntryKind::kTrade) continue;
    dropped.journal.erase(dropped.journal.begin() + static_cast<std::ptrdiff_t>(i));
    const auto books = verify(dropped);
    ASSERT_FALSE(books.verified());
    const JournalDifference& first = books.differences.front();
    EXPECT_EQ(first.date, entry.session.date);
    EXPECT_EQ(first.what, "cash");
    const Money costs = entry.commission + entry.slippage;
    const Money cash = entry.side == OrderSide::kBuy ? -entry.value - costs : entry.value - costs;
    EXPECT_EQ(first.written - first.rebuilt, cash.micros);
    EXPECT_NE(books.summary().find(to_string(entry.session.date)), std::string::npos);
  }
}

TEST(JournalVerify, AnyChangedNumberIsFound) {
  MarketData market = eventful_market();
  market.funding.clear();  // entry 40 is then a fill, whose price can't change by little without its value
  const BacktestResult whole = eventful_run(market, "long_short_quantile", true);
  const auto expect_found = [&](auto change) {
    BacktestResult changed = whole;
    change(changed);
    EXPECT_FALSE(verify(changed).verified());
  };
  expect_found([](BacktestResult& run) { run.journal[40].quantity += Quantity{1}; });
  expect_found([](BacktestResult& run) { run.journal[40].price += Money{1000}; });
  expect_found([](BacktestResult& run) { run.journal[40].commission += Money{1}; });
  expect_found([](BacktestResult& run) { run.journal[0].value += Money{1}; });
  expect_found([](BacktestResult& run) { run.daily[100].cash += Money{1}; });
  expect_found([](BacktestResult& run) { run.daily[100].equity += Money{1}; });
  expect_found([](BacktestResult& run) { run.positions[500].quantity += Quantity{1}; });
  expect_found([](BacktestResult& run) { run.positions.erase(run.positions.begin() + 500); });
  expect_found(
      [](BacktestResult& run) { std::swap(run.journal[40].instrument, run.journal[41].instrument); });
  expect_found([](BacktestResult& run) { run.journal.back().session.date = make_date(2100, 1, 1); });
}

TEST(JournalVerify, AnyChangedFundingIsFound) {
  const BacktestResult whole = eventful_run(eventful_market(), "long_short_quantile", true);
  const auto is_funding = [](const JournalEntry& entry) {
    return entry.kind == EntryKind::kFunding && magnitude(entry.value) > to_money(1);
  };
  const auto place = std::find_if(whole.journal.begin() + 500, whole.journal.end(), is_funding);
  ASSERT_NE(place, whole.journal.end());
  const auto i = static_cast<std::size_t>(place - whole.journal.begin());
  const auto first_difference = [&](auto change) {
    BacktestResult changed = whole;
    change(changed.journal[i]);
    const auto books = verify(changed);
    return books.verified() ? std::string("none") : books.differences.front().what;
  };
  EXPECT_EQ(first_difference([](JournalEntry&) {}), "none");
  EXPECT_EQ(first_difference([](JournalEntry& entry) { entry.quantity += Quantity{1}; }),
            "contracts at the funding");
  EXPECT_EQ(first_difference([](JournalEntry& entry) { entry.price += to_money(1); }), "funding");
  EXPECT_EQ(first_difference([](JournalEntry& entry) { entry.rate.parts_per_billion *= -1; }), "funding");
  EXPECT_EQ(first_difference([](JournalEntry& entry) { entry.value += Money{1}; }), "funding");
  BacktestResult dropped = whole;
  dropped.journal.erase(dropped.journal.begin() + static_cast<std::ptrdiff_t>(i));
  EXPECT_EQ(verify(dropped).differences.front().what, "cash");
}

TEST(JournalVerify, TheColumnsForReadersMustAgreeToo) {
  const BacktestResult result = eventful_run(eventful_market(), "topk_dropout", true);
  Table trades = trades_table(result);
  for (Column& column : trades.columns) {
    if (column.name == "price") std::get<std::vector<double>>(column.values)[5] += 0.01;
  }
  EXPECT_FALSE(verify_journal(trades, positions_table(result), equity_table(result)).verified());
}

TEST(JournalVerify, PricesAreComparedWithTheData) {
  MarketData market = eventful_market();
  const BacktestResult result = eventful_run(market, "topk_dropout", true);
  const PositionRow& row = result.positions[300];
  market.raw.at("close")(market.lower_row(row.date), row.instrument) += 0.01;
  const auto differences = verify_prices(positions_table(result), market);
  ASSERT_FALSE(differences.empty());
  EXPECT_EQ(differences.front().date, row.date);
}

TEST(JournalVerify, AMissingColumnIsNamed) {
  const BacktestResult result = eventful_run(eventful_market(), "topk_dropout", true);
  Table trades = trades_table(result);
  trades.columns.erase(trades.columns.begin());
  EXPECT_THROW(verify_journal(trades, positions_table(result), equity_table(result)), Error);
}

TEST(JournalVerify, SaysHowMuchDiffersAndWhere) {
  JournalVerification books;
  books.sessions = 3;
  books.entries = 4;
  EXPECT_EQ(books.summary(),
            "verified: 4 entries over 3 sessions rebuild cash, positions and equity to the micro-unit");
  books.differences.push_back({make_date(2020, 1, 2), "cash", "", 1'000'000, -500'000});
  EXPECT_EQ(
      books.summary(),
      "2020-01-02: cash differs by -1.500000: rebuilt 1.000000, written -0.500000 (1 difference in all)");
}

}  // namespace
}  // namespace orrery::journal_verify_test
