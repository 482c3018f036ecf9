#include "orrery/data/sql/sql_query.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/data_file.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/number_text.h"
#include "orrery/data/sql/distinct_files.h"
#include "orrery/data/sql/result_output.h"
#include "testing/lake_facts.h"
#include "testing/temporary_folder.h"

namespace orrery::sql_query_test {
namespace {

using testing::Fact;
using testing::kSecond;
using testing::TemporaryFolder;
using testing::to_table;
using Rows = std::vector<std::vector<std::string>>;

/// All rows of an answer as texts.
Rows ask(const TemporaryFolder& lake, const std::string& sql, std::optional<Timestamp> as_of = {}) {
  const auto result = run_sql({.sql = sql, .lake = lake.path(), .as_of = as_of, .threads = 2});
  return excerpt(*result, 1'000'000).first;
}

std::string refusal(const TemporaryFolder& lake, const std::string& sql,
                    std::optional<Timestamp> as_of = {}) {
  try {
    ask(lake, sql, as_of);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// The rows of scan_as_of as SQL's texts.
Rows scanned(LakeTable& table, Timestamp known_by) {
  const auto read = scan_as_of(table, known_by)->rest();
  const auto& series = std::get<DictionaryStrings>(read.column("series").values);
  const auto& value = std::get<std::vector<double>>(read.column("value").values);
  Rows rows;
  for (std::size_t i = 0; i < read.rows(); ++i) {
    const auto moment = [&](const char* name) {
      return fmt::format("{}", std::get<std::vector<std::int64_t>>(read.column(name).values)[i] / 1'000);
    };
    rows.push_back({series.dictionary[static_cast<std::size_t>(series.codes[i])], moment(kEventTime),
                    moment(kKnownTime), moment(kRetrievedTime), number_text(value[i])});
  }
  std::sort(rows.begin(), rows.end());
  return rows;
}

constexpr const char* kFacts =
    "SELECT series, epoch_us(event_time), epoch_us(known_time), epoch_us(retrieved_time), value FROM macro";

Rows asked(const TemporaryFolder& lake, std::optional<Timestamp> known_by) {
  auto rows = ask(lake, kFacts, known_by);
  std::sort(rows.begin(), rows.end());
  return rows;
}

void add_restated(Lake& lake) {
  auto macro = lake.open_or_create(*standard_table("macro"));
  macro.append(to_table({{"GDP", 100, 130, 500, 2.0}, {"CPI", 50, 60, 500, 7.5}}));
  macro.append(to_table({{"GDP", 100, 160, 500, 2.3}, {"GDP", 200, 230, 500, 1.0}}));
}

TEST(SqlQuery, ShowsWhatWasKnown) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  add_restated(lake);
  const std::string gdp = "SELECT value FROM macro WHERE series = 'GDP' ORDER BY event_time";
  EXPECT_EQ(ask(folder, gdp), (Rows{{"2.3"}, {"1"}}));
  EXPECT_EQ(ask(folder, gdp, Timestamp{159 * kSecond}), Rows{{"2"}});
  EXPECT_EQ(ask(folder, gdp, Timestamp{160 * kSecond}), Rows{{"2.3"}});
  const std::string versions = "SELECT count(*) FROM macro_history";
  EXPECT_EQ(ask(folder, versions), Rows{{"4"}});
  EXPECT_EQ(ask(folder, versions, Timestamp{160 * kSecond}), Rows{{"3"}});
  EXPECT_EQ(ask(folder, versions, Timestamp{160 * kSecond - 1}), Rows{{"2"}});
}

/// Oracle: scan_as_of, which is itself held against a loop over all rows. Many equal times, so that the order
/// of rows in files and of files in the log decides too; files that meet and files that don't; rows without a
/// known time.
TEST(SqlQuery, HasTheRowsOfScanAsOf) {
  Random random(11);
  const TemporaryFolder folder;
  LakeTableOptions options;
  options.rows_per_group = 16;
  Lake lake(folder.path(), options);
  auto macro = lake.open_or_create(*standard_table("macro"));
  for (std::int64_t file = 0; file < 8; ++file) {
    std::vector<Fact> facts;
    const std::int64_t start = file < 5 ? 0 : file * 1'000;
    for (int i = 0; i < 120; ++i) {
      const auto event = start + static_cast<std::int64_t>(random.below(20));
      const auto known = random.below(15) == 0 ? -1 : event + static_cast<std::int64_t>(random.below(4));
      facts.push_back({fmt::format("S{}", random.below(6)), event, known,
                       static_cast<std::int64_t>(random.below(3)), static_cast<double>(random.below(1'000))});
    }
    macro.append(to_table(facts));
  }
  const auto check = [&] {
    for (const std::int64_t second : {-1, 0, 7, 13, 21, 23, 5'005, 6'500, 9'000}) {
      EXPECT_EQ(asked(folder, Timestamp{second * kSecond}), scanned(macro, {second * kSecond})) << second;
    }
    EXPECT_EQ(asked(folder, {}), scanned(macro, {std::numeric_limits<std::int64_t>::max()}));
  };
  check();
  macro.compact();
  check();
}

TEST(SqlQuery, SearchesForVersionsOnlyWhereThereMayBeSome) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  auto macro = lake.open_or_create(*standard_table("macro"));
  const auto parts = [&] {
    const auto files = files_by_versions(*macro.log().latest());
    return std::pair{files.single.size(), files.versions.size()};
  };
  using Parts = std::pair<std::size_t, std::size_t>;
  EXPECT_EQ(parts(), Parts(0, 0));
  macro.append(to_table({{"A", 1, 2, 9, 1.0}, {"B", 1, 2, 9, 1.0}}));
  EXPECT_EQ(parts(), Parts(1, 0));
  macro.append(to_table({{"A", 2, 2, 9, 1.0}, {"A", 3, 3, 9, 1.0}}));
  EXPECT_EQ(parts(), Parts(2, 0)) << "the days of both lie apart";
  macro.append(to_table({{"A", 3, 4, 9, 2.0}}));
  EXPECT_EQ(parts(), Parts(1, 2)) << "a restatement of the second file's last day";
  macro.append(to_table({{"A", 7, 8, 9, 1.0}, {"A", 7, 9, 9, 2.0}}));
  EXPECT_EQ(parts(), Parts(1, 3)) << "one file with two versions";
  EXPECT_EQ(ask(folder, "SELECT value FROM macro ORDER BY series, event_time"),
            (Rows{{"1"}, {"1"}, {"2"}, {"2"}, {"1"}}));
}

TEST(SqlQuery, AMomentThatAFileCantTellApartIsOneKey) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  auto macro = lake.open_or_create(*standard_table("macro"));
  Table rows = to_table({{"A", 1, 2, 9, 1.0}, {"A", 1, 3, 9, 2.0}});
  std::get<std::vector<std::int64_t>>(rows.columns[1].values) = {kSecond + 1, kSecond + 2};
  macro.append(rows);
  EXPECT_EQ(scan_as_of(macro, {10 * kSecond})->rest().rows(), 1u);
  EXPECT_EQ(ask(folder, "SELECT value FROM macro"), Rows{{"2"}});
}

TEST(SqlQuery, ReadsEmptyTablesNewColumnsAndNotes) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  lake.open_or_create(*standard_table("bars_1d"));
  EXPECT_EQ(ask(folder, "SELECT count(*), max(close) FROM bars_1d"), (Rows{{"0", "NULL"}}));
  EXPECT_EQ(ask(folder, "SELECT * FROM bars_1d_history", Timestamp{0}), Rows{});
  add_restated(lake);
  auto macro = lake.open("macro");
  macro.add_columns(
      {{.name = "note's", .type = DeltaType::kText}, {.name = "days", .type = DeltaType::kDate}});
  EXPECT_EQ(ask(folder, "SELECT \"note's\", days, value FROM macro WHERE series = 'CPI'"),
            (Rows{{"NULL", "NULL", "7.5"}}));
  Table more = to_table({{"CPI", 50, 70, 500, 7.6}});
  more.columns.push_back({"days", std::vector<Date>{parse_date("2020-02-03").value()}});
  macro.append(more);
  EXPECT_EQ(ask(folder, "SELECT days, value FROM macro WHERE series = 'CPI'"), (Rows{{"2020-02-03", "7.6"}}));
  lake.open_or_create(*standard_table("quarantine"))
      .append(
          {{{"table", std::vector<std::string>{"bars_1d"}}, {"reason", std::vector<std::string>{"bad"}}}});
  EXPECT_EQ(ask(folder, "SELECT reason FROM quarantine"), Rows{{"bad"}});
  EXPECT_NE(refusal(folder, "SELECT reason FROM quarantine", Timestamp{0}).find("can't be read as of a time"),
            std::string::npos);
  EXPECT_EQ(ask(folder, "SELECT name FROM (SHOW TABLES) ORDER BY name"),
            (Rows{{"bars_1d"}, {"bars_1d_history"}, {"macro"}, {"macro_history"}, {"quarantine"}}));
}

TEST(SqlQuery, ReadsPartitionsAndPathsWithSpecialLetters) {
  const TemporaryFolder folder;
  Lake lake(folder.path() / "a [b] it's * ?");
  auto definition =
      fact_table("own", "", {{.name = "place"}, {.name = "n", .type = DeltaType::kLong}}, {"n"});
  definition.partition_by = {"place"};
  auto table = lake.open_or_create(definition);
  table.append({{{"place", std::vector<std::string>{"x=1/2", "it's*", "[z]", "x=1/2"}},
                 {"n", std::vector<std::int64_t>{1, 2, 3, 4}},
                 {kKnownTime, std::vector<std::int64_t>(4, kSecond)}}});
  const auto result = run_sql({.sql = "SELECT place, count(*), sum(n) FROM own GROUP BY place ORDER BY place",
                               .lake = folder.path() / "a [b] it's * ?"});
  EXPECT_EQ(excerpt(*result, 10).first, (Rows{{"[z]", "1", "3"}, {"it's*", "1", "2"}, {"x=1/2", "2", "5"}}));
}

TEST(SqlQuery, ReadsTheVersionItBeganWith) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  add_restated(lake);
  auto macro = lake.open("macro");
  const auto result = run_sql({.sql = "SELECT count(*) FROM macro_history", .lake = folder.path()});
  macro.append(to_table({{"GDP", 300, 330, 500, 1.0}}));
  EXPECT_EQ(excerpt(*result, 10).first, Rows{{"4"}});
}

TEST(SqlQuery, TakesWhatOnlyReads) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  add_restated(lake);
  for (const std::string sql :
       {"WITH m AS (FROM macro) SELECT * FROM m;", "FROM macro", "VALUES (1)", "DESCRIBE macro",
        "SUMMARIZE macro", "SHOW TABLES", "EXPLAIN SELECT * FROM macro",
        " explain analyze SELECT * FROM macro", "PIVOT macro ON series USING max(value) GROUP BY event_time",
        "CREATE VIEW v AS FROM macro; CREATE MACRO twice(x) AS 2 * x; SELECT twice(value) FROM v"}) {
    EXPECT_GT(ask(folder, sql).size(), 0u) << sql;
  }
}

TEST(SqlQuery, WritesNothingAndReadsNoOtherFile) {
  const TemporaryFolder folder, outside;
  Lake lake(folder.path());
  add_restated(lake);
  auto macro = lake.open("macro");
  write_file_atomically(outside.path() / "secret.csv", "a,b\n1,2\n");
  const auto secret = (outside.path() / "secret.csv").string();
  const auto data = (folder.path() / "macro" / macro.log().latest()->files.front().path).string();
  const auto before = read_file(data);
  const auto target = (outside.path() / "out").string();
  for (const auto& sql : {fmt::format("FROM '{}'", secret),
                          fmt::format("FROM read_csv('{}')", secret),
                          fmt::format("FROM read_text('{}')", secret),
                          fmt::format("FROM read_blob('{}/*')", outside.path().string()),
                          fmt::format("FROM glob('{}/*')", outside.path().string()),
                          fmt::format("FROM sniff_csv('{}')", secret),
                          fmt::format("FROM parquet_metadata('{}')", secret),
                          fmt::format("FROM query('COPY (SELECT 1) TO ''{}''')", target),
                          fmt::format("COPY (SELECT 1) TO '{}'", target),
                          fmt::format("COPY (SELECT 1) TO '{}'", data),
                          fmt::format("EXPLAIN ANALYZE COPY (SELECT 1) TO '{}'", data),
                          fmt::format("/* */ EXPLAIN ANALYZE COPY (SELECT 1) TO '{}'", data),
                          fmt::format("SELECT 1; EXPLAIN ANALYZE COPY (SELECT 1) TO '{}'", data),
                          fmt::format("EXPORT DATABASE '{}'", target),
                          fmt::format("IMPORT DATABASE '{}'", target),
                          fmt::format("ATTACH '{}'", target),
                          fmt::format("PRAGMA profiling_output = '{}'", target),
                          fmt::format("CALL enable_logging(storage = 'file', storage_path = '{}')", target),
                          std::string("CREATE PERSISTENT SECRET s (TYPE s3); SELECT 1"),
                          std::string("INSTALL httpfs"),
                          std::string("LOAD httpfs"),
                          std::string("SET enable_external_access = true"),
                          std::string("RESET lock_configuration"),
                          std::string("DROP VIEW macro"),
                          std::string("DELETE FROM macro"),
                          std::string("CREATE TABLE t (a INT); INSERT INTO t VALUES (1)"),
                          std::string("CREATE VIEW v AS SELECT 1"),
                          std::string("FROM 'https://example.com/a.parquet'"),
                          std::string("FROM getenv('HOME')"),
                          std::string(""),
                          std::string(" -- nothing")}) {
    EXPECT_NE(refusal(folder, sql), "") << sql;
  }
  refusal(folder, fmt::format("FROM enable_logging(storage = 'file', storage_path = '{}')", target));
  EXPECT_EQ(read_file(data), before);
  EXPECT_FALSE(std::filesystem::exists(target));
}

TEST(SqlQuery, SaysWhatItLacks) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  add_restated(lake);
  const auto table = refusal(folder, "SELECT * FROM macr");
  EXPECT_NE(table.find("macro"), std::string::npos) << table;
  const auto joined = refusal(folder, "SELECT * FROM macro JOIN barz_1d USING (series)");
  EXPECT_NE(joined.find("Tables of"), std::string::npos) << joined;
  const auto column = refusal(folder, "SELECT valu FROM macro");
  EXPECT_NE(column.find("value"), std::string::npos) << column;
  EXPECT_NE(refusal(folder, "SELEC 1").find("syntax error"), std::string::npos);
  EXPECT_NE(refusal(folder, "SELECT error('stop') FROM macro").find("stop"), std::string::npos);
  EXPECT_NE(refusal(folder, "FROM read_text('/etc/hostname')").find("no other file"), std::string::npos);
  EXPECT_THROW(run_sql({.sql = "SELECT 1", .lake = folder.path() / "none"}), Error);
}

TEST(SqlQuery, OpensOnlyTheViewsThatAQueryNames) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  add_restated(lake);
  lake.open_or_create(*standard_table("news"));
  const auto views = [&](const std::string& about) {
    std::string names;
    for (const auto& row : ask(folder, "SELECT name FROM (SHOW TABLES) ORDER BY name -- " + about))
      names += row[0] + " ";
    return names;
  };
  EXPECT_EQ(views(""), "macro macro_history news news_history ");
  EXPECT_EQ(views("Macro"), "macro ");
  EXPECT_EQ(views("macro_HISTORY"), "macro_history ");
  EXPECT_EQ(views("macro macro_history"), "macro macro_history ");
}

TEST(SqlQuery, ATableOfTheLakeGoesBeforeAHistoryOfItsName) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  add_restated(lake);
  lake.open_or_create(fact_table("macro_history", "", {{.name = "own"}}, {"own"}));
  EXPECT_EQ(ask(folder, "SELECT column_name FROM (DESCRIBE macro_history) LIMIT 1"), Rows{{"own"}});
}

TEST(SqlQuery, NamesADamagedTable) {
  const TemporaryFolder folder;
  Lake lake(folder.path());
  add_restated(lake);
  auto macro = lake.open("macro");
  write_file_atomically(folder.path() / "macro" / macro.log().latest()->files.front().path, "half");
  EXPECT_NE(refusal(folder, "FROM macro").find("table 'macro' can't be read"), std::string::npos);
}

}  // namespace
}  // namespace orrery::sql_query_test
