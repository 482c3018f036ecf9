// Providers on answers that their services really gave (shared data), and on what is particular to one.

#include <gtest/gtest.h>

#include "orrery/base/timestamp.h"
#include "orrery/data/table.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/web/bars.h"
#include "testing/replayed_fetch.h"
#include "testing/shared_data.h"

namespace orrery::plugins::providers::recorded_test {
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

/// A key in the environment for one test.
class WithKey {
 public:
  explicit WithKey(const char* name) : name_(name) { ::setenv(name, "example", 1); }
  ~WithKey() { ::unsetenv(name_); }
  WithKey(const WithKey&) = delete;
  WithKey& operator=(const WithKey&) = delete;

 private:
  const char* name_;
};

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
  // As they stand in the recorded answer, which was asked for up to that day and so tells no later split.
  EXPECT_EQ(numbers(run, "prices", "close"), (std::vector<double>{75.0875}));
  EXPECT_EQ(numbers(run, "prices", "adj_close"), (std::vector<double>{72.27154541015625}));
  EXPECT_EQ(moment(run, "prices", "open_time"), "2020-01-02T14:30:00Z");
  EXPECT_EQ(moment(run, "prices", "close_time"), "2020-01-02T21:00:00Z");
}

TEST(Yahoo, ActionsAndEarlyClosesAreWhereTheyBelong) {
  const ReplayedRun run = fetch("yahoo", "AAA", "2024-07-02", "2024-07-05");
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(numbers(run, "actions", "dividend"), (std::vector<double>{0.5, 0.0}));
  EXPECT_EQ(numbers(run, "actions", "split_ratio"), (std::vector<double>{1.0, 2.0}));
  // The answer's 10.5, 11 and 11.25, and 1000, 1100 and 900 shares, before the split as traded.
  EXPECT_EQ(numbers(run, "prices", "close"), (std::vector<double>{21.0, 22.0, 11.25}));
  EXPECT_EQ(numbers(run, "prices", "volume"), (std::vector<double>{500.0, 550.0, 900.0}));
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

TEST(Polygon, ReadsARecordedAnswer) {
  ORRERY_SHARED_OR_SKIP(recorded,
                        "data/api_polygon/v2/aggs/ticker/AAPL/range/1/day/2005-04-01/2005-04-04.json");
  EXPECT_TRUE(std::filesystem::exists(recorded));
  const WithKey key("POLYGON_API_KEY");
  const ReplayedRun run = fetch("polygon", "AAPL", "2005-04-01", "2005-04-04");
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(numbers(run, "prices", "close"), (std::vector<double>{1.4604, 1.4675}));
  EXPECT_EQ(numbers(run, "prices", "vwap"), (std::vector<double>{1.469, 1.4589}));
  EXPECT_EQ(moment(run, "prices", "close_time"), "2005-04-01T21:00:00Z");
}

TEST(Fred, ReadsARecordedAnswer) {
  ORRERY_SHARED_OR_SKIP(recorded, "data/api_fred/cpi.json");
  EXPECT_TRUE(std::filesystem::exists(recorded));
  const WithKey key("FRED_API_KEY");
  const ReplayedRun run = fetch("fred", "RECORDED", "1999-01-01", "2023-07-01",
                                {{"vintages", false}, {"page_rows", std::int64_t{100000}}});
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(numbers(run, "macro", "value").size(), 292U) << "its count";
  EXPECT_EQ(numbers(run, "macro", "value").front(), 0.244051250762677);
  EXPECT_EQ(moment(run, "macro", "known_time"), "2023-07-19T13:30:00Z") << "the day after 2023-07-18";
}

TEST(Fred, EveryVintageIsKnownFromItsOwnDay) {
  const WithKey key("FRED_API_KEY");
  const ReplayedRun run = fetch("fred", "CPI", "2024-01-01", "2024-03-01", {});
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(numbers(run, "macro", "value"), (std::vector<double>{308.417, 308.425, 310.326, 312.332}));
  EXPECT_EQ(moment(run, "macro", "known_time", 0), "2024-02-14T14:30:00Z");
  EXPECT_EQ(moment(run, "macro", "known_time", 1), "2024-03-13T13:30:00Z");
}

TEST(Edgar, ReadsARecordedAnswer) {
  ORRERY_SHARED_OR_SKIP(recorded, "data/api_sec_edgar/aapl_companyfacts.json.gz");
  EXPECT_TRUE(std::filesystem::exists(recorded));
  const ReplayedRun run = fetch("edgar", "320193", "2025-01-01", "2025-12-31");
  ASSERT_EQ(run.error, "");
  const std::string expected =
      "fundamentals symbol=320193 taxonomy=us-gaap concept=AccountsPayableCurrent unit=USD start=2024-09-28 "
      "end=2024-09-28 accession=0000320193-25-000008 value=68960000000 form=10-Q filed=2025-01-31 "
      "known_time=1738593000000000000 source=edgar";  // Monday, 2025-02-03, 9:30 in New York
  EXPECT_EQ(run.rows.count(expected), 1U);
}

TEST(Edgar, AFactIsKnownWhenItsFilingWasAccepted) {
  const ReplayedRun run = fetch("edgar", "1234", "2024-01-01", "2024-12-31");
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(moment(run, "fundamentals", "known_time", 0), "2024-02-12T14:30:00Z") << "filed on a Friday";
  EXPECT_EQ(moment(run, "fundamentals", "known_time", 1), "2024-05-02T20:30:15Z");
  EXPECT_NE(
      fetch("edgar", "1234", "2024-01-01", "2024-12-31", {{"contact", std::string()}}).error.find("contact"),
      std::string::npos);
}

TEST(Edgar, FindsACompanyByItsTicker) {
  const ReplayedRun run = fetch("edgar", "EXA", "2024-01-01", "2024-12-31");
  ASSERT_EQ(run.error, "");
  EXPECT_EQ(run.rows.size(), fetch("edgar", "1234", "2024-01-01", "2024-12-31").rows.size());
  EXPECT_EQ(run.rows.begin()->substr(0, 23), "fundamentals symbol=EXA") << "as it was asked for";
  const std::string error = fetch("edgar", "EXB", "2024-01-01", "2024-12-31").error;
  EXPECT_NE(error.find("ticker 'EXB'"), std::string::npos) << error;
  EXPECT_NE(error.find("did you mean 'EXA'"), std::string::npos) << error;
}

TEST(PolygonReference, ReadsRecordedAnswers) {
  ORRERY_SHARED_OR_SKIP(recorded, "data/api_polygon/v3/reference/tickers/AAPL__date=2020-10-01.json");
  EXPECT_TRUE(std::filesystem::exists(recorded));
  const WithKey key("POLYGON_API_KEY");
  const ReplayedRun apple = fetch("polygon_reference", "AAPL", "2020-01-01", "2020-10-01");
  ASSERT_EQ(apple.error, "");
  EXPECT_EQ(apple.rows.size(), 1U);
  // What held on Thursday the 1st is known when the session of the 2nd opens.
  EXPECT_EQ(moment(apple, "instruments", "known_time"), "2020-10-02T13:30:00Z");
  const Table& table = apple.tables.at("instruments");
  EXPECT_EQ(text_at(table.column("name"), 0), "Apple Inc.");
  EXPECT_EQ(text_at(table.column("sector"), 0), "ELECTRONIC COMPUTERS");
  EXPECT_EQ(std::get<std::vector<Date>>(table.column("first_date").values).at(0), make_date(1980, 12, 12));

  const ReplayedRun meta = fetch("polygon_reference", "META", "2010-01-01", "2024-07-05");
  ASSERT_EQ(meta.error, "");
  const Table& renames = meta.tables.at("corporate_actions");
  ASSERT_EQ(renames.rows(), 1U);
  EXPECT_EQ(text_at(renames.column("symbol"), 0), "FB");
  EXPECT_EQ(text_at(renames.column("note"), 0), "META");
  EXPECT_EQ(moment(meta, "corporate_actions", "event_time"), "2022-06-11T00:00:00Z") << "a Saturday";
  EXPECT_EQ(moment(meta, "corporate_actions", "known_time"), "2022-06-13T13:30:00Z");
  EXPECT_EQ(std::get<std::vector<Date>>(meta.tables.at("instruments").column("last_date").values).at(0),
            make_date(2024, 7, 5));
}

TEST(TiingoNews, ReadsARecordedAnswer) {
  ORRERY_SHARED_OR_SKIP(recorded, "data/api_tiingo/news.yaml");
  EXPECT_TRUE(std::filesystem::exists(recorded));
  const WithKey key("TIINGO_API_KEY");
  const ReplayedRun run = fetch("tiingo_news", "RECORDED", "2016-01-01", "2017-08-31");
  ASSERT_EQ(run.error, "");
  ASSERT_EQ(run.rows.size(), 1U);
  EXPECT_EQ(moment(run, "news", "event_time"), "2016-01-11T23:13:00Z");
  EXPECT_EQ(moment(run, "news", "known_time"), "2016-01-12T21:07:28.073309000Z") << "when Tiingo had it";
  EXPECT_EQ(text_at(run.tables.at("news").column("author"), 0), "cnbc.com");
}

TEST(Rss, ReadsAnAtomFeedForOneSymbol) {
  const ReplayedRun run = fetch("rss", "SEC", "2024-07-01", "2024-07-31", {{"path", std::string("/atom")}});
  ASSERT_EQ(run.error, "");
  ASSERT_EQ(run.rows.size(), 2U);
  const Table& news = run.tables.at("news");
  EXPECT_EQ(text_at(news.column("headline"), 0), "8-K & more");
  EXPECT_EQ(text_at(news.column("url"), 0), "https://sec.example/1") << "not the feed's own";
  EXPECT_EQ(text_at(news.column("body"), 0), "Filed: 2024-07-02");
  EXPECT_EQ(text_at(news.column("author"), 0), "A. Writer");
  EXPECT_EQ(moment(run, "news", "event_time", 0), "2024-07-02T20:05:00Z");
  EXPECT_EQ(moment(run, "news", "known_time", 0), "2024-07-03T13:00:00Z") << "it was changed then";
  EXPECT_EQ(moment(run, "news", "known_time", 1), "2024-07-05T20:05:00Z");
}

TEST(Rss, OneFeedHasOneSymbol) {
  const auto& entry = entry_of("rss");
  const auto run =
      testing::replayed_fetch(entry, "none", "recorded_rss_two", {{"path", std::string("/atom")}},
                              ProviderRequest{{"A", "B"}, {}, {}});
  EXPECT_NE(run.error.find("{symbol}"), std::string::npos) << run.error;
}

// Sources: the New York Stock Exchange's hours, and the days on which the clocks change in the United States.
TEST(NewYorkSession, KnowsSummerTimeAndEarlyCloses) {
  const auto close = [](const char* day) {
    return to_string(Timestamp{new_york_session(*parse_date(day)).close});
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
}  // namespace orrery::plugins::providers::recorded_test
