#include "orrery/app/fetch_into_lake.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/data/lake/as_of.h"
#include "plugins/providers/registry.h"
#include "testing/fake_wait_clock.h"
#include "testing/replay_server.h"
#include "testing/replayed_fetch.h"
#include "testing/temporary_folder.h"

namespace orrery::fetch_into_lake_test {
namespace {

using testing::FakeWaitClock;
using testing::replay_url;

const ProviderRegistry& registry() {
  static const ProviderRegistry all = [] {
    ProviderRegistry made("provider");
    plugins::providers::register_all(made);
    return made;
  }();
  return all;
}

FetchOptions chain_of(const std::string& test_case, const std::string& yahoo_fault) {
  ::setenv("TIINGO_API_KEY", "example", 1);
  FetchOptions options;
  options.chain = {"yahoo", "tiingo"};
  options.settings = {{"yahoo.base_url", replay_url(test_case, yahoo_fault, "yahoo")},
                      {"tiingo.base_url", replay_url(test_case, "none", "tiingo")},
                      {"attempts", "2"},
                      {"stall_seconds", "0.2"}};
  options.request = {{"AAA"}, parse_date("2024-07-02"), parse_date("2024-07-05")};
  return options;
}

class FetchIntoLake : public ::testing::Test {
 protected:
  LakeFetchSummary fetch(const FetchOptions& options, bool from_scratch = false) {
    const auto plan = plan_lake_fetch(registry(), options, lake_, from_scratch);
    return fetch_into_lake(registry(), plan, options, {&clock_, 1}, lake_, silent_progress());
  }

  /// Rows as texts "column=value …" of these columns, as they could be known at a moment.
  std::vector<std::string> known_by(const std::string& table, const char* moment,
                                    std::vector<std::string> columns) {
    auto opened = lake_.open(table);
    const Table rows = scan_as_of(opened, *parse_timestamp(moment), {.columns = std::move(columns)})->rest();
    std::vector<std::string> texts;
    for (std::size_t row = 0; row < rows.rows(); ++row) texts.push_back(testing::row_text("", rows, row));
    return texts;
  }

  testing::TemporaryFolder folder_;
  Lake lake_{folder_.path() / "lake"};
  FakeWaitClock clock_;
};

TEST_F(FetchIntoLake, BarsAndActionsAreReadAsTheyWereKnown) {
  const auto summary = fetch(chain_of("lake_well", "none"));
  EXPECT_EQ(summary.tables.at("bars_1d").added, 3U);
  EXPECT_EQ(summary.tables.at("corporate_actions").added, 2U);
  const std::vector<std::string> columns = {"close", "source"};
  // The third of July ends at 13:00 in New York; 30 minutes later its bar is known.
  EXPECT_EQ(known_by("bars_1d", "2024-07-03T17:29:59Z", columns),
            (std::vector<std::string>{" close=21 source=yahoo"}));
  EXPECT_EQ(known_by("bars_1d", "2024-07-03T17:30:00Z", columns),
            (std::vector<std::string>{" close=21 source=yahoo", " close=22 source=yahoo"}));
  EXPECT_EQ(known_by("corporate_actions", "2024-07-05T13:29:59Z", {"kind", "value"}),
            (std::vector<std::string>{" kind=dividend value=0.5"}));
}

TEST_F(FetchIntoLake, TheNextSourceTakesOverAndItsRowsSaySo) {
  for (const char* fault : {"rate_limit", "server_error", "stall", "cut", "gzip_truncated", "html", "empty",
                            "half_text", "refused", "changed_schema", "stale", "implausible", "no_bars"}) {
    const testing::TemporaryFolder folder;
    lake_ = Lake(folder.path());
    const auto summary = fetch(chain_of(std::string("lake_") + fault, fault));
    EXPECT_EQ(summary.fetch.parts.at(0).source, "tiingo") << fault;
    EXPECT_EQ(known_by("bars_1d", "2024-07-06", {"date", "close", "source"}),
              (std::vector<std::string>{" date=2024-07-02 close=21 source=tiingo",
                                        " date=2024-07-03 close=22 source=tiingo",
                                        " date=2024-07-05 close=11.25 source=tiingo"}))
        << fault;
  }
}

TEST_F(FetchIntoLake, TheSameAgainCommitsNothing) {
  fetch(chain_of("lake_again", "none"));
  const auto version = lake_.open("bars_1d").version();
  for (const bool from_scratch : {false, true}) {
    const auto again = fetch(chain_of("lake_again", "none"), from_scratch);
    EXPECT_EQ(again.tables.at("bars_1d").same, 3U);
    EXPECT_EQ(again.tables.at("bars_1d").added + again.tables.at("bars_1d").restated, 0U);
    EXPECT_EQ(lake_.open("bars_1d").version(), version);
  }
}

TEST_F(FetchIntoLake, AChangedValueIsKnownFromItsRetrievalAndTheOldOneStays) {
  FetchOptions options = chain_of("lake_restated", "none");
  options.chain = {"yahoo"};
  options.settings.erase(options.settings.begin() + 1);
  fetch(options);
  options.settings[0].second = replay_url("lake_restated", "restated", "yahoo");
  const auto second = fetch(options);
  EXPECT_EQ(second.tables.at("bars_1d").restated, 1U);
  EXPECT_EQ(second.tables.at("bars_1d").same, 2U);
  const auto close_on = [&](const char* moment) { return known_by("bars_1d", moment, {"close"}).at(1); };
  EXPECT_EQ(close_on("2026-01-05T11:59:59Z"), " close=22") << "the clock of the test says noon";
  EXPECT_EQ(close_on("2026-01-05T13:00:00Z"), " close=22.25");
}

TEST_F(FetchIntoLake, GoesOnWhereTheTableEnds) {
  FetchOptions options = chain_of("lake_goes_on", "none");
  options.request.end = parse_date("2024-07-03");
  fetch(options);
  options.request.begin.reset();
  options.request.end = parse_date("2024-07-05");
  EXPECT_EQ(plan_lake_fetch(registry(), options, lake_, false).symbols.at(0).begin, parse_date("2024-06-27"));
  const auto summary = fetch(options);
  EXPECT_EQ(summary.tables.at("bars_1d").added, 1U);
  EXPECT_EQ(summary.tables.at("bars_1d").same, 2U);
}

TEST_F(FetchIntoLake, PricesThatASourceHasAdjustedStayOutOfThePricesAsTraded) {
  FetchOptions options = chain_of("lake_adjusted", "none");
  options.chain = {"stooq"};
  options.settings = {{"base_url", replay_url("lake_adjusted", "none", "stooq")}};
  const auto summary = fetch(options);
  EXPECT_EQ(summary.tables.count("bars_1d"), 0U);
  EXPECT_EQ(summary.tables.at("adjusted_bars_1d").added, 3U);
  options = chain_of("lake_adjusted", "none");
  EXPECT_EQ(plan_lake_fetch(registry(), options, lake_, false).symbols.at(0).begin, parse_date("2024-07-02"));
}

/// Every service, with the request of its own replay: what comes is taken, and taken once.
TEST_F(FetchIntoLake, EverySourceFillsALakeOnce) {
  for (const auto& name : registry().names()) {
    const auto& entry = registry().get(name);
    if (!std::filesystem::exists("testing/replay/" + name + ".json")) continue;
    if (!entry.info.key.empty()) ::setenv(entry.info.key.c_str(), "example", 1);
    const auto request = testing::replay_file(name).at("request");
    FetchOptions options;
    options.chain = {name};
    for (const auto& parameter : entry.info.parameters) {
      if (parameter.name.ends_with("_url"))
        options.settings.emplace_back(parameter.name, replay_url("lake_" + name, "none", name));
    }
    const auto settings = request.value("settings", nlohmann::json::object());
    for (const auto& [key, value] : settings.items()) {
      options.settings.emplace_back(key, value.is_string() ? value.get<std::string>() : value.dump());
    }
    options.request.symbols = request["symbols"].get<std::vector<std::string>>();
    options.request.begin = parse_date(request["from"].get<std::string>());
    options.request.end = parse_date(request["to"].get<std::string>());
    const auto first = fetch(options, true);
    EXPECT_FALSE(first.tables.empty()) << name;
    const auto second = fetch(options, true);
    for (const auto& [table, count] : second.tables) {
      EXPECT_EQ(count.added + count.restated + count.contradictions, 0U) << name << " " << table;
      EXPECT_EQ(count.same, first.tables.at(table).added) << name << " " << table;
    }
  }
}

TEST_F(FetchIntoLake, SourcesOfDifferentTablesCannotStandInForEachOther) {
  FetchOptions options = chain_of("lake_chain", "none");
  options.chain = {"binance", "yahoo"};
  options.settings = {{"interval", "1h"}};
  EXPECT_THROW(plan_lake_fetch(registry(), options, lake_, false), Error);
}

}  // namespace
}  // namespace orrery::fetch_into_lake_test
