#include "orrery/data/lake/new_versions.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <map>
#include <tuple>

#include "orrery/base/random.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/table_rows.h"
#include "orrery/data/text_codes.h"

namespace orrery::new_versions_test {
namespace {

/// One row of a small table with all that tells versions apart.
struct Version {
  std::string series;
  std::int64_t event = 0;
  std::int64_t vintage = 0;
  double value = 0.0;
  std::int64_t known = 0;
  std::int64_t retrieved = 0;
  std::string source = "a";

  auto operator<=>(const Version&) const = default;
};

const AccountColumns kColumns = {{"series", kEventTime}, {kSource, "vintage"}};

Table to_table(const std::vector<Version>& versions) {
  TextCodes series, source;
  std::vector<std::int64_t> event, vintage, known, retrieved;
  std::vector<double> value;
  for (const auto& version : versions) {
    series.append(series.code(version.series));
    source.append(source.code(version.source));
    event.push_back(version.event);
    vintage.push_back(version.vintage);
    value.push_back(version.value);
    known.push_back(version.known);
    retrieved.push_back(version.retrieved);
  }
  return {{{"series", series.take()},
           {kEventTime, event},
           {"vintage", vintage},
           {"value", value},
           {kKnownTime, known},
           {kRetrievedTime, retrieved},
           {kSource, source.take()}}};
}

std::vector<Version> to_versions(const Table& table) {
  const auto text = [&](const char* name, std::size_t row) {
    const auto& texts = std::get<DictionaryStrings>(table.column(name).values);
    return texts.dictionary[static_cast<std::size_t>(texts.codes[row])];
  };
  const auto whole = [&](const char* name, std::size_t row) {
    return std::get<std::vector<std::int64_t>>(table.column(name).values)[row];
  };
  std::vector<Version> versions;
  for (std::size_t row = 0; row < table.rows(); ++row) {
    versions.push_back({text("series", row), whole(kEventTime, row), whole("vintage", row),
                        std::get<std::vector<double>>(table.column("value").values)[row],
                        whole(kKnownTime, row), whole(kRetrievedTime, row), text(kSource, row)});
  }
  return versions;
}

TEST(NewVersions, WhatIsThereAlreadyIsLeftOut) {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  const std::vector<Version> there = {{"x", 1, 0, 2.5, 10, 50}, {"x", 2, 0, missing, 20, 50}};
  const auto found = new_versions(
      to_table(there), to_table({{"x", 1, 0, 2.5, 10, 90}, {"x", 2, 0, missing, 20, 90}}), kColumns);
  EXPECT_EQ(found.same, 2U);
  EXPECT_EQ(found.rows.rows(), 0U);
}

TEST(NewVersions, ANewAccountIsKnownByItsRuleAlsoWhenItComesLate) {
  const auto found = new_versions(to_table({}), to_table({{"x", 1, 0, 2.5, 10, 5000}}), kColumns);
  EXPECT_EQ(found.added, 1U);
  EXPECT_EQ(to_versions(found.rows).at(0).known, 10);
}

TEST(NewVersions, AChangedValueIsKnownFromItsRetrieval) {
  const auto found =
      new_versions(to_table({{"x", 1, 0, 2.5, 10, 50}}), to_table({{"x", 1, 0, 3.0, 10, 90}}), kColumns);
  EXPECT_EQ(found.restated, 1U);
  EXPECT_EQ(to_versions(found.rows).at(0).known, 90);
}

TEST(NewVersions, AMissingValueThatComesLaterIsARestatement) {
  const double missing = std::numeric_limits<double>::quiet_NaN();
  const auto found =
      new_versions(to_table({{"x", 1, 0, missing, 10, 50}}), to_table({{"x", 1, 0, 3.0, 10, 90}}), kColumns);
  EXPECT_EQ(found.restated, 1U);
}

TEST(NewVersions, AnotherSourceGivesAnAccountOfItsOwn) {
  const auto found =
      new_versions(to_table({{"x", 1, 0, 2.5, 10, 50}}), to_table({{"x", 1, 0, 3.0, 12, 90, "b"}}), kColumns);
  EXPECT_EQ(found.added, 1U);
  EXPECT_EQ(to_versions(found.rows).at(0).known, 12);
}

TEST(NewVersions, EveryVintageIsAnAccountAndAnOldOneCannotBecomeTheLatest) {
  const std::vector<Version> there = {{"x", 1, 1, 2.5, 10, 50}, {"x", 1, 2, 2.6, 20, 50}};
  const auto found = new_versions(
      to_table(there),
      to_table({{"x", 1, 1, 9.9, 10, 90}, {"x", 1, 2, 2.6, 20, 90}, {"x", 1, 3, 2.7, 30, 90}}), kColumns);
  EXPECT_EQ(found.added, 1U);
  EXPECT_EQ(found.same, 1U);
  EXPECT_EQ(found.restated, 0U);
  EXPECT_EQ(to_versions(found.contradictions).at(0).value, 9.9);
}

/// The same decisions, one row after the other, over a map.
struct SlowVersions {
  using Fact = std::tuple<std::string, std::int64_t, std::string>;
  std::map<Fact, std::map<std::int64_t, std::vector<Version>>> accounts;  ///< by vintage

  static Fact fact_of(const Version& v) { return {v.series, v.event, v.source}; }

  void keep(const Version& version) { accounts[fact_of(version)][version.vintage].push_back(version); }

  /// Returns what is added for a delivery.
  std::vector<Version> deliver(const std::vector<Version>& rows) {
    std::map<Fact, std::map<std::int64_t, std::int64_t>> first_known;
    for (const auto& [fact, vintages] : accounts) {
      for (const auto& [vintage, versions] : vintages) first_known[fact][vintage] = versions.front().known;
    }
    for (const auto& row : rows) first_known[fact_of(row)].emplace(row.vintage, row.known);
    std::vector<Version> added;
    for (Version row : rows) {
      auto& account = accounts[fact_of(row)][row.vintage];
      if (!account.empty()) {
        if (account.back().value == row.value) continue;
        bool is_latest = true;
        for (const auto& [vintage, known] : first_known[fact_of(row)]) {
          is_latest = is_latest && known <= first_known[fact_of(row)][row.vintage];
        }
        if (!is_latest) continue;
        row.known = std::max(row.known, row.retrieved);
      }
      account.push_back(row);
      added.push_back(row);
    }
    return added;
  }
};

TEST(NewVersions, DecidesAsTheSlowWayDoes) {
  Random random(7);
  for (int round = 0; round < 40; ++round) {
    SlowVersions slow;
    Table there = to_table({});
    for (int delivery = 0; delivery < 6; ++delivery) {
      std::map<std::tuple<std::string, std::int64_t, std::int64_t, std::string>, Version> rows;
      for (int i = 0; i < 12; ++i) {
        Version row{std::string(1, static_cast<char>('x' + random.below(2))),
                    static_cast<std::int64_t>(random.below(3)),
                    static_cast<std::int64_t>(random.below(3)),
                    static_cast<double>(random.below(3)),
                    0,
                    1000 + delivery,
                    std::string(1, static_cast<char>('a' + random.below(2)))};
        row.known = 10 * row.event + row.vintage;  // a rule: the same whenever it is asked
        rows.try_emplace({row.series, row.event, row.vintage, row.source}, row);
      }
      std::vector<Version> delivered;
      for (const auto& [key, row] : rows) delivered.push_back(row);
      auto expected = slow.deliver(delivered);
      const auto found = new_versions(there, to_table(delivered), kColumns);
      auto added = to_versions(found.rows);
      std::sort(expected.begin(), expected.end());
      std::sort(added.begin(), added.end());
      EXPECT_EQ(added, expected) << "round " << round << ", delivery " << delivery;
      EXPECT_EQ(found.added + found.same + found.restated + found.contradictions.rows(), delivered.size());
      there = concatenate({there, found.rows});
    }
  }
}

}  // namespace
}  // namespace orrery::new_versions_test
