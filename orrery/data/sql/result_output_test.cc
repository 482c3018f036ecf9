#include "orrery/data/sql/result_output.h"

#include <arrow/io/file.h>
#include <arrow/ipc/reader.h>
#include <arrow/scalar.h>
#include <arrow/table.h>
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <parquet/arrow/reader.h>

#include "testing/temporary_folder.h"

namespace orrery::result_output_test {
namespace {

using testing::TemporaryFolder;
using Rows = std::vector<std::vector<std::string>>;

/// A value of every kind, its text and its JSON.
struct Kind {
  std::string sql, text, json;
};

const std::vector<Kind> kKinds = {
    {"true", "true", "true"},
    {"-7::TINYINT", "-7", "-7"},
    {"18446744073709551615::UBIGINT", "18446744073709551615", "18446744073709551615"},
    {"170141183460469231731687303715884105727::HUGEINT % 1000", "727", "727"},
    {"0.1::DOUBLE", "0.1", "0.1"},
    {"0.1::REAL", "0.1", "0.1"},
    {"'nan'::DOUBLE", "nan", "null"},
    {"'-inf'::DOUBLE", "-inf", "null"},
    {"1.50::DECIMAL(9, 2)", "1.50", "1.50"},
    {"'a\"b\n'", "a\"b\n", R"("a\"b\n")"},
    {"DATE '1969-12-31'", "1969-12-31", "\"1969-12-31\""},
    {"TIMESTAMPTZ '2020-01-02 03:04:05.000006+00'", "2020-01-02T03:04:05.000006Z",
     "\"2020-01-02T03:04:05.000006Z\""},
    {"TIMESTAMP '2020-01-02 03:04:05'", "2020-01-02T03:04:05", "\"2020-01-02T03:04:05\""},
    {"[1, NULL, 3]", "[1, null, 3]", "[1, null, 3]"},
    {"{'a': 1, 'b': ['x']}", R"({"a": 1, "b": ["x"]})", R"({"a": 1, "b": ["x"]})"},
    {"'y'::ENUM ('x', 'y')", "y", "\"y\""},
    {"INTERVAL '1 month 3 days 500 ms'", "P1M3DT0.5S", "\"P1M3DT0.5S\""},
    {"TIME '12:30:00.25'", "12:30:00.250000", "\"12:30:00.250000\""},
    {"MAP {'a': 1}", R"([{"key": "a", "value": 1}])", R"([{"key": "a", "value": 1}])"},
    {"[1, 2]::INT[2]", "[1, 2]", "[1, 2]"},
    {"'\\xAA'::BLOB", "\\xAA", R"("\\xAA")"},
};

std::unique_ptr<SqlResult> ask(const TemporaryFolder& lake, const std::string& sql) {
  return run_sql({.sql = sql, .lake = lake.path(), .threads = 1});
}

std::string csv(const TemporaryFolder& lake, const std::string& sql) {
  std::string text;
  write_csv(*ask(lake, sql), [&text](std::string_view piece) { text += piece; });
  return text;
}

std::string json(const TemporaryFolder& lake, const std::string& sql) {
  std::string text;
  write_json(*ask(lake, sql), [&text](std::string_view piece) { text += piece; });
  return text;
}

TEST(ResultOutput, HasATextForEveryKindOfValue) {
  const TemporaryFolder lake;
  for (const auto& kind : kKinds) {
    const auto sql = "SELECT " + kind.sql + " AS v";
    EXPECT_EQ(excerpt(*ask(lake, sql), 1).first, Rows{{kind.text}}) << sql;
    EXPECT_EQ(json(lake, sql), "[\n {\"v\": " + kind.json + "}\n]\n") << sql;
  }
  EXPECT_EQ(json(lake, "SELECT NULL AS v"), "[\n {\"v\": null}\n]\n");
  EXPECT_EQ(json(lake, "SELECT 1 AS v WHERE false"), "[]\n");
  EXPECT_EQ(excerpt(*ask(lake, "SELECT NULL::DOUBLE"), 1).first, Rows{{"NULL"}});
}

TEST(ResultOutput, QuotesCsvWhereItMust) {
  const TemporaryFolder lake;
  EXPECT_EQ(csv(lake,
                "SELECT 1 AS a, NULL AS \"b,c\", '' AS d, 'x\"y' AS e, 'p\nq' AS f UNION ALL "
                "SELECT 2, NULL, 'plain text', NULL, 'z'"),
            "a,\"b,c\",d,e,f\n1,,\"\",\"x\"\"y\",\"p\nq\"\n2,,plain text,,z\n");
}

TEST(ResultOutput, KeepsBothEndsOfALongResult) {
  const TemporaryFolder lake;
  for (const std::size_t rows : {0, 1, 5, 6, 7, 8, 11, 2'048, 2'049, 5'000}) {
    const auto kept = excerpt(*ask(lake, "SELECT range AS r FROM range(" + std::to_string(rows) + ")"), 6);
    EXPECT_EQ(kept.rows, rows);
    Rows expected_first, expected_last;
    for (std::size_t i = 0; i < (rows > 6 ? 3 : rows); ++i) expected_first.push_back({std::to_string(i)});
    for (std::size_t i = rows - 3; rows > 6 && i < rows; ++i) expected_last.push_back({std::to_string(i)});
    EXPECT_EQ(kept.first, expected_first) << rows;
    EXPECT_EQ(kept.last, expected_last) << rows;
  }
  const auto columns = excerpt(*ask(lake, "SELECT 1::BIGINT AS a, 'x' AS b"), 6).columns;
  EXPECT_TRUE(columns[0].is_number);
  EXPECT_EQ(columns[0].type, "int64");
  EXPECT_EQ(columns[1].type, "varchar");
}

constexpr const char* kManyRows =
    "SELECT range AS n, range / 7.0 AS x, 't' || (range % 5) AS t, DATE '2020-01-01' + range::INT AS d, "
    "CASE WHEN range % 3 = 0 THEN NULL ELSE to_timestamp(range) END AS m, sum(range) OVER (ORDER BY range) "
    "AS s "
    "FROM range(200000) ORDER BY range";

void check_rows(const arrow::Table& table) {
  ASSERT_EQ(table.num_rows(), 200'000);
  ASSERT_EQ(table.num_columns(), 6);
  for (const std::int64_t row : {0, 1, 131'071, 131'072, 199'999}) {
    EXPECT_EQ((*table.column(0)->GetScalar(row))->ToString(), std::to_string(row));
    EXPECT_EQ((*table.column(2)->GetScalar(row))->ToString(), fmt::format("t{}", row % 5));
    EXPECT_EQ((*table.column(4)->GetScalar(row))->is_valid, row % 3 != 0);
    EXPECT_EQ((*table.column(5)->GetScalar(row))->ToString(), std::to_string(row * (row + 1) / 2));
  }
}

TEST(ResultOutput, ParquetHasEveryRow) {
  const TemporaryFolder lake;
  const auto path = lake.path() / "out.parquet";
  EXPECT_EQ(write_parquet(*ask(lake, kManyRows), path), 200'000u);
  const auto reader =
      *parquet::arrow::OpenFile(*arrow::io::ReadableFile::Open(path.string()), arrow::default_memory_pool());
  check_rows(**reader->ReadTable());
}

TEST(ResultOutput, ArrowHasEveryRow) {
  const TemporaryFolder lake;
  const auto path = lake.path() / "out.arrow";
  EXPECT_EQ(write_arrow(*ask(lake, kManyRows), path), 200'000u);
  const auto reader = *arrow::ipc::RecordBatchFileReader::Open(*arrow::io::ReadableFile::Open(path.string()));
  check_rows(**reader->ToTable());
}

TEST(ResultOutput, LeavesNoFileBehindAFailure) {
  const TemporaryFolder lake;
  const auto path = lake.path() / "out.parquet";
  EXPECT_ANY_THROW(write_parquet(*ask(lake, "SELECT error('stop') FROM range(10)"), path));
  EXPECT_TRUE(std::filesystem::is_empty(lake.path()));
}

}  // namespace
}  // namespace orrery::result_output_test
