#include "orrery/app/fetch_sources.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/data/csv.h"
#include "orrery/data/parquet.h"
#include "orrery/data/prices.h"
#include "plugins/providers/registry.h"
#include "testing/fake_wait_clock.h"
#include "testing/replay_server.h"
#include "testing/temporary_folder.h"

namespace orrery::fetch_sources_test {
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
  FetchOptions options;
  options.chain = {"yahoo", "stooq"};
  options.settings = {{"yahoo.base_url", replay_url(test_case, yahoo_fault, "yahoo")},
                      {"stooq.base_url", replay_url(test_case, "none", "stooq")},
                      {"attempts", "2"},
                      {"stall_seconds", "0.2"}};
  options.request = {{"AAA"}, parse_date("2024-07-02"), parse_date("2024-07-05")};
  return options;
}

struct Fetched {
  FetchSummary summary;
  std::vector<std::filesystem::path> files;
};

Fetched fetch(const FetchOptions& options, const std::filesystem::path& out) {
  FakeWaitClock clock;
  TableFiles files(out);
  Fetched fetched;
  fetched.summary = fetch_sources(registry(), options, {&clock, 1}, files, silent_progress());
  fetched.files = files.write();
  return fetched;
}

std::string source_of(const std::filesystem::path& file) {
  const Table table = read_parquet(file, {"source"});
  const auto& sources = std::get<DictionaryStrings>(table.column("source").values);
  return sources.dictionary.size() == 1 ? sources.dictionary.front() : "not one";
}

TEST(FetchSources, TheFirstSourceDeliversWhenAllIsWell) {
  const testing::TemporaryFolder folder;
  const auto fetched = fetch(chain_of("fetch_well", "none"), folder.path() / "out");
  EXPECT_EQ(fetched.summary.parts.at(0).source, "yahoo");
  EXPECT_TRUE(fetched.summary.parts.at(0).failures.empty());
  EXPECT_EQ(fetched.summary.rows.at("prices"), 3U);
  EXPECT_EQ(fetched.summary.rows.at("actions"), 2U);
  ASSERT_EQ(fetched.files.size(), 2U);
  EXPECT_EQ(source_of(folder.path() / "out/prices.parquet"), "yahoo");
}

TEST(FetchSources, TheNextSourceTakesOverOnEveryFault) {
  const testing::TemporaryFolder folder;
  for (const char* fault : {"rate_limit", "server_error", "stall", "cut", "gzip_truncated", "html", "empty",
                            "half_text", "refused", "changed_schema", "stale", "implausible", "no_bars"}) {
    const auto out = folder.path() / fault;
    const auto fetched = fetch(chain_of(std::string("fetch_") + fault, fault), out);
    const FetchedPart& part = fetched.summary.parts.at(0);
    EXPECT_EQ(part.source, "stooq") << fault;
    ASSERT_EQ(part.failures.size(), 1U) << fault;
    EXPECT_EQ(part.failures.front().source, "yahoo");
    EXPECT_EQ(source_of(out / "prices.parquet"), "stooq") << fault;
  }
}

TEST(FetchSources, RowsWithADoubtAreTakenWhereNobodyDoesBetter) {
  const testing::TemporaryFolder folder;
  FetchOptions options = chain_of("fetch_doubt", "stale");
  options.chain = {"yahoo"};
  options.settings.erase(options.settings.begin() + 1);
  const auto fetched = fetch(options, folder.path() / "out");
  EXPECT_EQ(fetched.summary.parts.at(0).source, "yahoo");
  EXPECT_EQ(fetched.summary.parts.at(0).doubt,
            "stale: the last bar is of 2024-07-03, a bar of 2024-07-05 expected");
  EXPECT_EQ(fetched.summary.failed(), 0U);
}

TEST(FetchSources, AnUnknownSymbolFailsAloneAndOrderIsKeptForAnyThreads) {
  const testing::TemporaryFolder folder;
  FetchOptions options = chain_of("fetch_unknown", "none");
  options.request.symbols = {"NOBODY", "AAA"};
  for (const int threads : {1, 4}) {
    options.threads = threads;
    const auto fetched = fetch(options, folder.path() / "out");
    ASSERT_EQ(fetched.summary.parts.size(), 2U);
    EXPECT_EQ(fetched.summary.parts[0].source, "");
    EXPECT_EQ(fetched.summary.parts[0].failures.size(), 2U);
    EXPECT_EQ(fetched.summary.parts[1].source, "yahoo");
    EXPECT_EQ(fetched.summary.failed(), 1U);
  }
}

TEST(FetchSources, WhatIsFetchedIsAPriceFile) {
  const testing::TemporaryFolder folder;
  fetch(chain_of("fetch_prices", "none"), folder.path() / "p.parquet");
  PriceSource source;
  source.path = folder.path() / "p.parquet";
  const PriceLoad load = load_prices(source);
  EXPECT_EQ(load.summary.rows_good, 3U);
  EXPECT_TRUE(load.summary.extra_fields.empty()) << load.summary.extra_fields.front();
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "p.actions.parquet"));
}

TEST(FetchSources, SettingsThatNobodyTakesAreNamed) {
  FetchOptions options = chain_of("fetch_settings", "none");
  options.settings.emplace_back("attemps", "3");
  try {
    fetch(options, "unused");
    FAIL() << "taken";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("attempts"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace orrery::fetch_sources_test
