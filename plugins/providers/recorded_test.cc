// Providers on answers that their services really gave (shared data), and on what is particular to one.

#include <gtest/gtest.h>

#include "orrery/base/timestamp.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "testing/replayed_fetch.h"
#include "testing/shared_data.h"

namespace orrery::plugins::providers {
namespace {

using testing::replayed_fetch;
using testing::ReplayedRun;

const ProviderEntry& entry_of(const std::string& name) {
  static const Registry all = [] {
    Registry made("provider");
    register_all(made);
    return made;
  }();
  return all.get(name);
}

/// Fetches with another request than the one that stands in the replay's file.
ReplayedRun fetch(const std::string& name, const std::string& symbol, const std::string& from,
                  const std::string& to, ParameterMap settings = {}) {
  const ProviderEntry& entry = entry_of(name);
  return testing::replayed_fetch(entry, "none", "recorded_" + name + "_" + symbol, settings,
                                 ProviderRequest{{symbol}, parse_date(from), parse_date(to)});
}

const std::vector<double>& numbers(const ReplayedRun& run, const std::string& table,
                                   const std::string& column) {
  return std::get<std::vector<double>>(run.tables.at(table).column(column).values);
}

std::string moment(const ReplayedRun& run, const std::string& table, const std::string& column,
                   std::size_t row = 0) {
  return to_string(
      Timestamp{std::get<std::vector<std::int64_t>>(run.tables.at(table).column(column).values).at(row)});
}

TEST(Yahoo, ReadsARecordedChart) {
  ORRERY_SHARED_OR_SKIP(recorded, "data/api_yahoo_chart/chart_AAPL_2020-01-01_03.json");
  EXPECT_TRUE(std::filesystem::exists(recorded));
  const ReplayedRun run = fetch("yahoo", "AAPL", "2020-01-01", "2020-01-03");
  ASSERT_EQ(run.error, "");
  // As they stand in the recorded answer.
  EXPECT_EQ(numbers(run, "prices", "close"), (std::vector<double>{75.0875015258789}));
  EXPECT_EQ(numbers(run, "prices", "adj_close"), (std::vector<double>{72.27154541015625}));
  EXPECT_EQ(moment(run, "prices", "open_time"), "2020-01-02T14:30:00Z");
  EXPECT_EQ(moment(run, "prices", "close_time"), "2020-01-02T21:00:00Z");
}

TEST(Yahoo, ActionsAndEarlyClosesAreWhereTheyBelong) {
  const ReplayedRun run = fetch("yahoo", "AAA", "2024-07-02", "2024-07-05");
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(numbers(run, "actions", "dividend"), (std::vector<double>{0.25, 0.0}));
  EXPECT_EQ(numbers(run, "actions", "split_ratio"), (std::vector<double>{1.0, 2.0}));
  EXPECT_EQ(moment(run, "prices", "close_time", 0), "2024-07-02T20:00:00Z");
  EXPECT_EQ(moment(run, "prices", "close_time", 1), "2024-07-03T17:00:00Z")
      << "closes at 13:00 before the holiday";
}

TEST(Binance, ReadsARecordedKline) {
  ORRERY_SHARED_OR_SKIP(recorded, "data/api_crypto_exchanges/binance/spot/http_json/klines_response.json");
  EXPECT_TRUE(std::filesystem::exists(recorded));
  const ReplayedRun run =
      fetch("binance", "RECORDED", "2017-07-03", "2017-07-09", {{"page_rows", std::int64_t{1000}}});
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(numbers(run, "prices", "open"), (std::vector<double>{0.01634790}));
  EXPECT_EQ(numbers(run, "prices", "volume"), (std::vector<double>{148976.11427815}));
  EXPECT_EQ(moment(run, "prices", "open_time"), "2017-07-03T00:00:00Z");
  EXPECT_EQ(moment(run, "prices", "close_time"), "2017-07-10T00:00:00Z");
}

TEST(Binance, TradesGoOnByNumber) {
  const ReplayedRun run =
      fetch("binance", "BTCUSDT", "2024-07-01", "2024-07-01", {{"table", std::string("trades")}});
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(numbers(run, "trades", "quantity"), (std::vector<double>{0.25, 0.5, 0.75}));
}

TEST(Binance, FundingMayLackItsMarkPrice) {
  const ReplayedRun run =
      fetch("binance", "BTCUSDT", "2024-07-01", "2024-07-01", {{"table", std::string("funding")}});
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(numbers(run, "funding", "rate"), (std::vector<double>{0.0001}));
  EXPECT_TRUE(std::isnan(numbers(run, "funding", "mark_price").at(0)));
}

TEST(Stooq, SaysNothingAndLimitsInPlainText) {
  const ReplayedRun nothing = fetch("stooq", "NONE", "2024-07-01", "2024-07-02");
  EXPECT_EQ(nothing.error, "");
  EXPECT_TRUE(nothing.rows.empty());
  const ReplayedRun limited = fetch("stooq", "LIMIT", "2024-07-01", "2024-07-02");
  EXPECT_NE(limited.error.find("found \"Exceeded the daily hits limit\""), std::string::npos)
      << limited.error;
}

// Sources: the New York Stock Exchange's hours, and the days on which the clocks change in the United States.
TEST(NewYorkSession, KnowsSummerTimeAndEarlyCloses) {
  const auto close = [](const char* day) {
    return to_string(Timestamp{web::new_york_session(*parse_date(day)).close});
  };
  EXPECT_EQ(close("2024-03-08"), "2024-03-08T21:00:00Z");
  EXPECT_EQ(close("2024-03-11"), "2024-03-11T20:00:00Z");
  EXPECT_EQ(close("2024-11-01"), "2024-11-01T20:00:00Z");
  EXPECT_EQ(close("2024-11-04"), "2024-11-04T21:00:00Z");
  EXPECT_EQ(close("2006-04-03"), "2006-04-03T20:00:00Z");
  EXPECT_EQ(close("2006-10-27"), "2006-10-27T20:00:00Z");
  EXPECT_EQ(close("2006-10-30"), "2006-10-30T21:00:00Z");
  EXPECT_EQ(close("2024-11-29"), "2024-11-29T18:00:00Z");
}

}  // namespace
}  // namespace orrery::plugins::providers
