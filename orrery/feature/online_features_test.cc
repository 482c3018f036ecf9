#include "orrery/feature/online_features.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/data/parquet.h"
#include "orrery/data/sqlite_database.h"
#include "orrery/feature/feature_audit.h"
#include "orrery/feature/historical_features.h"
#include "orrery/feature/materialize.h"
#include "testing/error_message.h"
#include "testing/online_stores.h"
#include "testing/small_market.h"
#include "testing/temporary_folder.h"

namespace orrery::online_features_test {
namespace {

using orrery::testing::online_stores;

/// A price file of weekdays from 2020-01-01 on, with pauses and one name that ends early.
class OnlineFeaturesTest : public ::testing::Test {
 protected:
  OnlineFeaturesTest() { write_prices(kRows); }

  static constexpr std::size_t kRows = 40;

  void write_prices(std::size_t rows, double last_of_first = 0.0) {
    const auto market = orrery::testing::make_random_market(kRows, 8, 21, 0.05);
    std::vector<Date> dates;
    DictionaryStrings symbols{{}, market.symbols};
    std::vector<double> prices;
    for (std::size_t t = 0; t < rows; ++t) {
      for (std::size_t i = 0; i < market.instruments(); ++i) {
        if (market.present(t, i) == 0 || (i == 7 && t > 10)) continue;
        const bool last = i == 0 && t + 1 == rows && last_of_first > 0.0;
        dates.push_back(market.dates[t]);
        symbols.codes.push_back(static_cast<std::int32_t>(i));
        prices.push_back(last ? last_of_first : market.raw_field("close")(t, i));
      }
    }
    dates_ = market.dates;
    Table table{{{"date", dates}, {"symbol", symbols}}};
    for (const char* name : {"open", "high", "low", "close"}) table.columns.push_back({name, prices});
    table.columns.push_back({"volume", std::vector<double>(prices.size(), 1e6)});
    write_parquet(table, folder_.path() / "prices.parquet");
  }

  FeatureDefinitions definitions(const std::string& more = "") const {
    const std::string text = R"yaml(data: {path: prices.parquet, calendar: 24/5}
views:
  crossing:
    features: {rank: "CSRank(Mean($close,5))", r3: "$close/Ref($close,3)-1"}
    ttl: 3 sessions
  plain:
    features: {mean: "Mean($close,10)", gone: "If($close > 0, Log(0-$close), 0)"}
)yaml" + more;
    return parse_feature_definitions(text, (folder_.path() / "features.yaml").string(), online_stores());
  }

  /// Materializes all views as of the end of a session.
  void materialize(std::size_t row, bool back = false) const {
    const auto defined = definitions();
    const auto store = open_online_store(defined, online_stores());
    FeatureMarkets markets(0, silent_progress());
    for (const auto& view : defined.views)
      store->write(newest_values(view, markets.of(view), {after(row), dates_[row], 0}), back);
  }

  Timestamp after(std::size_t row, std::int64_t hours = 1) const {
    return {start_of(dates_[row] + 1).nanoseconds + hours * 3600 * kNanosecondsPerSecond};
  }

  FeatureAudit audit() const {
    const auto defined = definitions();
    FeatureMarkets markets(0, silent_progress());
    return audit_features(defined, markets, 0);
  }

  std::vector<std::string> symbols_ = {"S000", "S001", "S002", "S003",  "S004",
                                       "S005", "S006", "S007", "NOBODY"};
  std::vector<Date> dates_;
  orrery::testing::TemporaryFolder folder_;
};

/// Online, day after day from files that end there, is what the join over the whole history gives.
TEST_F(OnlineFeaturesTest, WhatIsServedIsWhatTheJoinGives) {
  std::size_t present = 0;
  for (std::size_t row = 12; row < kRows; row += 5) {
    write_prices(row + 1);
    materialize(row);
    OnlineFeatures online(definitions(), online_stores());
    const auto wanted = online.find({}, {});
    const auto served = online.get(symbols_, wanted, after(row));
    online.refresh();
    write_prices(kRows);
    FeatureMarkets markets(0, silent_progress());
    const EntityRows rows{symbols_, std::vector<Timestamp>(symbols_.size(), after(row))};
    const auto joined = historical_features(online.definitions(), wanted, rows, markets, 0);
    ASSERT_EQ(served.size(), joined.size());
    for (std::size_t view = 0; view < served.size(); ++view) {
      EXPECT_EQ(served[view].sessions, joined[view].sessions);
      EXPECT_EQ(served[view].statuses, joined[view].statuses);
      for (std::size_t i = 0; i < served[view].values.size(); ++i) {
        const bool there = served[view].statuses[i] == FeatureStatus::kPresent;
        present += there ? 1 : 0;
        EXPECT_TRUE(there ? served[view].values[i] == joined[view].values[i]
                          : std::isnan(served[view].values[i]));
      }
    }
  }
  EXPECT_GT(present, 100U);
  const auto found = audit();  // over the whole history, too
  EXPECT_EQ(found.records, 12U);
  EXPECT_GT(found.values, 150U);
  EXPECT_TRUE(found.mismatches.empty()) << found.mismatches.front().what << found.mismatches.front().feature;
}

TEST_F(OnlineFeaturesTest, EveryValueHasItsStatus) {
  materialize(kRows - 1);
  OnlineFeatures online(definitions(), online_stores());
  const auto answer =
      online.get({"S000", "S007", "NOBODY"}, online.find({"crossing:r3", "plain:mean", "plain:gone"}, {}),
                 after(kRows - 1));
  ASSERT_EQ(answer.size(), 2U);
  using enum FeatureStatus;
  EXPECT_EQ(answer[0].statuses, (std::vector{kPresent, kExpired, kNeverKnown}));
  EXPECT_EQ(answer[1].statuses,
            (std::vector{kPresent, kMissing, kPresent, kMissing, kNeverKnown, kNeverKnown}));
  EXPECT_EQ(answer[0].sessions[1], dates_[10]);
  EXPECT_FALSE(answer[0].sessions[2]);
  const auto later = online.get({"S000"}, online.find({"crossing:r3"}, {}), after(kRows - 1, 24 * 7));
  EXPECT_EQ(later[0].statuses.front(), kExpired);
  EXPECT_TRUE(std::isnan(later[0].values.front()));
}

TEST_F(OnlineFeaturesTest, FreshnessTellsTheAge) {
  OnlineFeatures online(definitions(), online_stores());
  EXPECT_FALSE(online.freshness(after(5)).front().latest);
  materialize(20);
  online.refresh();
  const auto fresh = online.freshness(after(20)).front();
  EXPECT_EQ(fresh.latest->session, dates_[20]);
  EXPECT_EQ(fresh.sessions_behind, 0);
  EXPECT_EQ(fresh.age_seconds, 3600.0);
  EXPECT_FALSE(fresh.expired);
  const auto stale = online.freshness(after(24)).front();
  EXPECT_EQ(stale.sessions_behind, 4);
  EXPECT_TRUE(stale.expired);
}

TEST_F(OnlineFeaturesTest, ValuesOfAnotherDefinitionAreNotServed) {
  materialize(kRows - 1);
  auto changed = definitions("  further: {features: {x: $close}}\n");
  changed.views[1].features[0].expression = "Mean($close,20)";
  changed.views[1].fingerprint = "other";
  OnlineFeatures online(changed, online_stores());
  const auto answer = online.get({"S000"}, online.find({"plain:mean"}, {}), after(kRows - 1));
  EXPECT_EQ(answer[0].statuses.front(), FeatureStatus::kNeverKnown);
  EXPECT_TRUE(online.freshness(after(kRows - 1))[1].other_definition);
}

TEST_F(OnlineFeaturesTest, TheAuditFindsWhatIsWrong) {
  write_prices(31, 77.0);  // later restated
  materialize(30);
  {
    OnlineFeatures online(definitions(), online_stores());
    online.get(symbols_, online.find({}, {}), after(30));
    online.get({"S001"}, online.find({"plain:mean"}, {}), after(29));  // before the session was over
    online.refresh();
  }
  write_prices(kRows);
  const auto found = audit();
  EXPECT_EQ(found.records, 3U);
  std::set<std::string> wrong;
  bool early = false;
  for (const auto& one : found.mismatches) {
    if (one.what == "not what the data gives") wrong.insert(one.feature + " " + one.symbol);
    early = early || (one.what == "served before its session was known" && one.symbol == "S001");
  }
  EXPECT_TRUE(early);
  EXPECT_TRUE(wrong.contains("plain:mean S000"));
  EXPECT_FALSE(wrong.contains("plain:mean S001"));
}

TEST_F(OnlineFeaturesTest, TheAuditFindsASingleBit) {
  materialize(kRows - 1);
  {
    OnlineFeatures online(definitions(), online_stores());
    online.get({"S000", "S001"}, online.find({"plain:mean"}, {}), after(kRows - 1));
    online.refresh();
  }
  EXPECT_TRUE(audit().mismatches.empty());
  {
    SqliteDatabase database(serving_log_file(definitions()), "the log");
    auto row = database.statement("SELECT cells FROM served");
    ASSERT_TRUE(row.step());
    auto cells = row.numbers<std::uint32_t>(0);
    cells[1] ^= 1U;
    database.statement("UPDATE served SET cells = ?").bind(cells).step();
  }
  const auto found = audit();
  ASSERT_EQ(found.mismatches.size(), 1U);
  EXPECT_EQ(found.mismatches[0].symbol, "S001");
  EXPECT_EQ(found.mismatches[0].what, "not what the data gives");
}

TEST_F(OnlineFeaturesTest, NamesThatAreNoneAreTold) {
  const OnlineFeatures online(definitions(), online_stores());
  const auto says = [&](const std::string& name) {
    return orrery::testing::message_of([&] { online.find({name}, {}); });
  };
  EXPECT_NE(says("plain:meen").find("did you mean 'mean'"), std::string::npos);
  EXPECT_NE(says("plai:mean").find("did you mean 'plain'"), std::string::npos);
  EXPECT_NE(says("mean").find("VIEW:FEATURE"), std::string::npos);
  EXPECT_NE(orrery::testing::message_of([&] {
              online.find({"plain:mean", "plain:mean"}, {});
            }).find("twice"),
            std::string::npos);
}

ServedValues record_of(std::int64_t number) {
  ServedValues served;
  served.time = {number};
  served.view = "v";
  served.features = {"a", "b"};
  served.symbols = {"X,1:2", "é"};
  served.sessions = {1, ServedValues::kNoSession};
  served.statuses = {FeatureStatus::kPresent, FeatureStatus::kMissing, FeatureStatus::kNeverKnown,
                     FeatureStatus::kNeverKnown};
  served.values = {0.1F, std::nanf(""), std::nanf(""), std::nanf("")};
  return served;
}

TEST_F(OnlineFeaturesTest, TheLogKeepsTheNewestAndBitsAsTheyWere) {
  const auto file = folder_.path() / "log/served.sqlite";
  ServingLog log(file, 1.0, 1);
  for (std::int64_t i = 0; i < 12'000; ++i) log.add(record_of(i));
  log.flush();
  std::vector<std::int64_t> times;
  ServingLog::read(file, [&](const ServedValues& served) {
    times.push_back(served.time.nanoseconds);
    EXPECT_EQ(served.symbols, record_of(0).symbols);
    EXPECT_EQ(served.statuses, record_of(0).statuses);
    EXPECT_EQ(served.values[0], 0.1F);
  });
  EXPECT_EQ(times.back(), 11'999);
  EXPECT_GT(times.front(), 1000);
  EXPECT_EQ(times.back() - times.front() + 1, static_cast<std::int64_t>(times.size()));
  EXPECT_GT(times.size(), 4000U);
  EXPECT_EQ(log.dropped(), 0U);
}

TEST_F(OnlineFeaturesTest, ASampleIsSpreadEvenly) {
  ServingLog log(folder_.path() / "served.sqlite", 0.25, 1);
  int taken = 0;
  for (int i = 0; i < 100; ++i) {
    taken += log.takes_next() ? 1 : 0;
    if (i % 4 == 3) {
      EXPECT_EQ(taken, i / 4 + 1);
    }
  }
}

}  // namespace
}  // namespace orrery::online_features_test
