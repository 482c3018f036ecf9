#include "orrery/data/lake/as_of.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <map>

#include "orrery/base/error.h"
#include "orrery/base/random.h"
#include "orrery/data/lake/lake.h"
#include "testing/lake_facts.h"
#include "testing/temporary_folder.h"

namespace orrery::as_of_test {
namespace {

using testing::Fact;
using testing::kSecond;
using testing::TemporaryFolder;
using testing::to_table;

/// A lake in a folder of its own, with a table of versions.
struct MacroLake {
  explicit MacroLake(std::int64_t rows_per_group)
      : lake(folder.path(), {.rows_per_group = rows_per_group}),
        macro(lake.open_or_create(*standard_table("macro"))) {}

  TemporaryFolder folder;
  Lake lake;
  LakeTable macro;
};

using Latest = std::map<std::pair<std::string, std::int64_t>, double>;

Latest to_latest(LakeScan& scan) {
  const auto table = scan.rest();
  const auto& series = std::get<DictionaryStrings>(table.column("series").values);
  const auto& event = std::get<std::vector<std::int64_t>>(table.column(kEventTime).values);
  const auto& value = std::get<std::vector<double>>(table.column("value").values);
  Latest latest;
  for (std::size_t i = 0; i < table.rows(); ++i) {
    const auto& name = series.dictionary[static_cast<std::size_t>(series.codes[i])];
    EXPECT_TRUE(latest.emplace(std::pair{name, event[i] / kSecond}, value[i]).second)
        << "two rows of one key";
  }
  return latest;
}

TEST(AsOf, ARestatedNumberIsKnownFromItsOwnTimeOn) {
  MacroLake made(16);
  auto& macro = made.macro;
  macro.append(to_table({{"GDP", 100, 130, 500, 2.0}}));
  macro.append(to_table({{"GDP", 100, 160, 500, 2.3}, {"GDP", 200, 230, 500, 1.0}}));
  macro.append(to_table({{"GDP", 100, 160, 900, 2.4}}));  // the same vintage once more, mended by its source
  const auto at = [&](std::int64_t seconds) { return to_latest(*scan_as_of(macro, {seconds * kSecond})); };
  EXPECT_EQ(at(129), Latest{});
  EXPECT_EQ(at(130), (Latest{{{"GDP", 100}, 2.0}}));
  EXPECT_EQ(at(159), (Latest{{{"GDP", 100}, 2.0}}));
  EXPECT_EQ(at(160), (Latest{{{"GDP", 100}, 2.4}}));
  EXPECT_EQ(at(999), (Latest{{{"GDP", 100}, 2.4}, {{"GDP", 200}, 1.0}}));
  EXPECT_EQ(scan_as_of(macro, {999 * kSecond}, {.columns = {"value"}})->rest().columns.size(), 1u);
}

/// Oracle: a loop over all rows. Property: cutting the future off changes nothing.
TEST(AsOf, IsTheLatestOfEveryKeyWhateverTheBlocks) {
  Random random(3);
  MacroLake made(16);
  auto& macro = made.macro;
  std::vector<Fact> all;
  for (int file = 0; file < 6; ++file) {
    std::vector<Fact> facts;
    for (int i = 0; i < 150; ++i) {
      const auto event = static_cast<std::int64_t>(random.below(20));
      facts.push_back({fmt::format("S{}", random.below(12)), event,
                       event + static_cast<std::int64_t>(random.below(30)),
                       static_cast<std::int64_t>(all.size() + facts.size()), random.uniform()});
    }
    macro.append(to_table(facts));
    all.insert(all.end(), facts.begin(), facts.end());
  }
  for (std::int64_t known_by = -1; known_by < 52; known_by += 13) {
    std::map<std::pair<std::string, std::int64_t>, Fact> expected;
    for (const auto& fact : all) {
      if (fact.known > known_by) continue;
      auto& best = expected.try_emplace({fact.series, fact.event}, fact).first->second;
      if (std::pair(fact.known, fact.retrieved) > std::pair(best.known, best.retrieved)) best = fact;
    }
    Latest latest;
    for (const auto& [key, fact] : expected) latest[key] = fact.value;
    for (const std::int64_t rows_per_block : {1, 100, 100'000}) {
      const auto scan = scan_as_of(macro, {known_by * kSecond}, {.rows_per_block = rows_per_block});
      EXPECT_EQ(to_latest(*scan), latest) << known_by << " " << rows_per_block;
    }
  }
}

/// One file of ours, read as it comes: groups of rows that are all known, partly known, and not known.
TEST(AsOf, AFileWithEveryKeyOnceKeepsItsOrder) {
  MacroLake made(8);
  auto& macro = made.macro;
  std::vector<Fact> all;
  for (std::int64_t i = 0; i < 200; ++i) {
    all.push_back(
        {fmt::format("S{}", 100 + i / 40), i % 40, i < 80 ? i : 200 - i, 500, static_cast<double>(i)});
  }
  macro.append(to_table(all));
  for (const std::int64_t known_by : {-1, 0, 7, 8, 50, 79, 80, 120, 121, 500}) {
    std::vector<double> expected;
    for (const auto& fact : all) {
      if (fact.known <= known_by) expected.push_back(fact.value);
    }
    for (const std::int64_t rows_per_block : {1, 20, 1000}) {
      const auto scan =
          scan_as_of(macro, {known_by * kSecond}, {.columns = {"value"}, .rows_per_block = rows_per_block});
      EXPECT_EQ(std::get<std::vector<double>>(scan->rest().column("value").values), expected)
          << known_by << ", " << rows_per_block << " rows a block";
    }
  }
}

TEST(AsOf, RefusesATableWithoutVersions) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  auto quarantine = lake.open_or_create(*standard_table("quarantine"));
  EXPECT_THROW(scan_as_of(quarantine, {0}), Error);
}

TEST(Lake, EveryStandardTableCanBeMadeAndReadAsOf) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  EXPECT_TRUE(lake.tables().empty());
  for (const auto& name : standard_table_names()) {
    auto table = lake.open_or_create(*standard_table(name));
    EXPECT_EQ(table.definition().schema, standard_table(name)->schema);
    if (name == "quarantine") continue;
    EXPECT_EQ(scan_as_of(table, {0})->rest().rows(), 0u) << name;
  }
  EXPECT_EQ(lake.tables().size(), standard_table_names().size());
  EXPECT_FALSE(standard_table("weather").has_value());
  EXPECT_TRUE(standard_table("bars_5m").has_value());
  try {
    lake.open("marco");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("did you mean 'macro'?"), std::string::npos) << error.what();
  }
  TableDefinition outside;
  outside.name = "../x";
  EXPECT_THROW(lake.open_or_create(outside), Error);
}

}  // namespace
}  // namespace orrery::as_of_test
