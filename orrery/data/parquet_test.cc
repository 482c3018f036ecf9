#include "orrery/data/parquet.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/random.h"
#include "testing/run_python.h"
#include "testing/temporary_folder.h"

namespace orrery::parquet_test {
namespace {

using testing::run_python;
using testing::TemporaryFolder;

Table sample_table() {
  Table table;
  table.columns.push_back({"date", std::vector<Date>{make_date(1969, 12, 31), make_date(2018, 12, 31)}});
  table.columns.push_back({"symbol", DictionaryStrings{{1, -1}, {"unused", "BRK.B"}}});
  table.columns.push_back({"note", std::vector<std::string>{"", "caf\xC3\xA9"}});
  table.columns.push_back({"close", std::vector<double>{0.1, kNaN}});
  table.columns.push_back({"score", std::vector<float>{-1.5F, 3e-38F}});
  table.columns.push_back({"volume", std::vector<std::int64_t>{-9007199254740993, 7}});
  return table;
}

const DictionaryStrings& strings(const Table& table, const std::string& name) {
  return std::get<DictionaryStrings>(table.column(name).values);
}

template <class T>
const std::vector<T>& values(const Table& table, const std::string& name) {
  return std::get<std::vector<T>>(table.column(name).values);
}

std::string text(const DictionaryStrings& column, std::size_t row) {
  return column.codes[row] < 0 ? "(missing)" : column.dictionary[static_cast<std::size_t>(column.codes[row])];
}

TEST(Parquet, ReadsBackWhatItWrote) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "table.parquet";
  write_parquet(sample_table(), path);
  const auto table = read_parquet(path);
  ASSERT_EQ(table.columns.size(), 6u);
  EXPECT_EQ(values<Date>(table, "date"),
            (std::vector<Date>{make_date(1969, 12, 31), make_date(2018, 12, 31)}));
  EXPECT_EQ(text(strings(table, "symbol"), 0), "BRK.B");
  EXPECT_EQ(text(strings(table, "symbol"), 1), "(missing)");
  EXPECT_EQ(text(strings(table, "note"), 1), "caf\xC3\xA9");
  EXPECT_EQ(values<double>(table, "close")[0], 0.1);
  EXPECT_TRUE(std::isnan(values<double>(table, "close")[1]));
  EXPECT_EQ(values<float>(table, "score"), (std::vector<float>{-1.5F, 3e-38F}));
  EXPECT_EQ(values<std::int64_t>(table, "volume"), (std::vector<std::int64_t>{-9007199254740993, 7}));
}

TEST(Parquet, ReadsNamedColumnsInTheOrderAskedFor) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "table.parquet";
  write_parquet(sample_table(), path);
  const auto table = read_parquet(path, {"volume", "date"});
  ASSERT_EQ(table.columns.size(), 2u);
  EXPECT_EQ(table.columns[0].name, "volume");
  EXPECT_EQ(table.columns[1].name, "date");
}

TEST(Parquet, ErrorsNameTheFileAndWhatWasExpected) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "table.parquet";
  EXPECT_THROW(read_parquet(path), Error);
  write_parquet(sample_table(), path);
  try {
    read_parquet(path, {"clsoe"});
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("did you mean 'close'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("table.parquet"), std::string::npos) << error.what();
  }
  const auto bytes = read_file(path);
  write_file_atomically(path, std::string_view(bytes).substr(0, bytes.size() - 5));
  try {
    read_parquet(path);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt);
  }
}

TEST(Parquet, TheSameTableGivesTheSameBytes) {
  const TemporaryFolder folder;
  write_parquet(sample_table(), folder.path() / "first.parquet");
  write_parquet(sample_table(), folder.path() / "second.parquet");
  EXPECT_EQ(read_file(folder.path() / "first.parquet"), read_file(folder.path() / "second.parquet"));
}

TEST(Parquet, RefusesUnequalColumnsAndTwoOfOneName) {
  const TemporaryFolder folder;
  auto table = sample_table();
  table.columns.push_back({"close", std::vector<double>{1, 2}});
  EXPECT_THROW(write_parquet(table, folder.path() / "a.parquet"), Error);
  table.columns.back() = {"short", std::vector<double>{1}};
  EXPECT_THROW(write_parquet(table, folder.path() / "a.parquet"), Error);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(ParquetWriter, AppendsPiecesAndAppearsOnlyWhenClosed) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "pieces.parquet";
  {
    ParquetWriter writer(path);
    for (int i = 0; i < 3; ++i) writer.append(sample_table());
    EXPECT_FALSE(std::filesystem::exists(path));
    writer.close();
  }
  EXPECT_EQ(read_parquet(path).rows(), 6u);
  {
    ParquetWriter abandoned(folder.path() / "abandoned.parquet");
    abandoned.append(sample_table());
  }
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
}

TEST(ParquetWriter, RefusesAnotherSchema) {
  const TemporaryFolder folder;
  ParquetWriter writer(folder.path() / "pieces.parquet");
  writer.append(sample_table());
  Table other;
  other.columns.push_back({"date", std::vector<double>{1.0}});
  EXPECT_THROW(writer.append(other), Error);
}

// Oracle: pyarrow writes every type that pandas and pyarrow users have in price files.
TEST(Parquet, ReadsWhatPyarrowWrites) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_python(folder.path(), R"(
import datetime, decimal, pyarrow as pa, pyarrow.parquet as pq
days = [datetime.date(1969, 12, 31), datetime.date(2018, 12, 31), None]
moments = [datetime.datetime(1969, 12, 31, 23), datetime.datetime(2018, 12, 31), datetime.datetime(2019, 1, 1)]
texts = ['A', None, 'B']
columns = {'Date': pa.array(moments, pa.timestamp('us')), 'day': pa.array(days, pa.date32()),
           'ns': pa.array(moments, pa.timestamp('ns')), 'ms': pa.array(moments, pa.timestamp('ms')),
           'text': pa.array(texts), 'large': pa.array(texts, pa.large_string()),
           'view': pa.array(texts, pa.string_view()), 'coded': pa.array(texts).dictionary_encode(),
           'i32': pa.array([1, -2, 3], pa.int32()), 'i64null': pa.array([1, None, 3]), 'u8': pa.array([1, 2, 255], pa.uint8()),
           'f32': pa.array([1.5, None, 3], pa.float32()), 'f64': pa.array([1.5, float('nan'), None]),
           'flag': pa.array([True, False, True]), 'money': pa.array([decimal.Decimal('1.25')] * 3),
           'nested': pa.array([[1], [2], []])}
pq.write_table(pa.table(columns), 'types.parquet', row_group_size=2)
)"),
            0);
  const auto table = read_parquet(folder.path() / "types.parquet");
  const std::vector<Date> dates = {make_date(1969, 12, 31), make_date(2018, 12, 31), make_date(2019, 1, 1)};
  EXPECT_EQ(values<Date>(table, "Date"), dates);
  EXPECT_EQ(text(strings(table, "day"), 0), "1969-12-31");
  EXPECT_EQ(text(strings(table, "day"), 2), "(missing)");
  EXPECT_EQ(values<std::int64_t>(table, "ns")[0], -3'600'000'000'000);
  EXPECT_EQ(values<std::int64_t>(table, "ms"), values<std::int64_t>(table, "ns"));
  for (const auto* name : {"text", "large", "view", "coded"}) {
    EXPECT_EQ(text(strings(table, name), 0), "A") << name;
    EXPECT_EQ(text(strings(table, name), 1), "(missing)") << name;
    EXPECT_EQ(text(strings(table, name), 2), "B") << name;
  }
  EXPECT_EQ(values<std::int64_t>(table, "i32"), (std::vector<std::int64_t>{1, -2, 3}));
  EXPECT_TRUE(std::isnan(values<double>(table, "i64null")[1]));
  EXPECT_EQ(values<std::int64_t>(table, "u8")[2], 255);
  EXPECT_TRUE(std::isnan(values<float>(table, "f32")[1]));
  EXPECT_TRUE(std::isnan(values<double>(table, "f64")[2]));
  EXPECT_EQ(values<std::int64_t>(table, "flag"), (std::vector<std::int64_t>{1, 0, 1}));
  EXPECT_EQ(values<double>(table, "money")[0], 1.25);
  EXPECT_THROW(table.column("nested"), Error);
  EXPECT_THROW(read_parquet(folder.path() / "types.parquet", {"nested"}), Error);
}

// Oracle: pyarrow reads the types and values meant.
TEST(Parquet, PyarrowReadsWhatWasWritten) {
  const TemporaryFolder folder;
  write_parquet(sample_table(), folder.path() / "table.parquet");
  EXPECT_EQ(run_python(folder.path(), R"(
import datetime, math, pyarrow as pa, pyarrow.parquet as pq
table = pq.read_table('table.parquet')
types = [pa.date32(), pa.string(), pa.string(), pa.float64(), pa.float32(), pa.int64()]
assert table.schema.types == types, table.schema
rows = table.to_pylist()
assert rows[0] == {'date': datetime.date(1969, 12, 31), 'symbol': 'BRK.B', 'note': '', 'close': 0.1, 'score': -1.5,
                   'volume': -9007199254740993}, rows[0]
assert rows[1]['symbol'] is None and rows[1]['note'] == 'caf\u00e9' and math.isnan(rows[1]['close']), rows[1]
column = pq.ParquetFile('table.parquet').metadata.row_group(0).column(5)
assert column.compression == 'ZSTD' and column.statistics.max == 7, column
)"),
            0);
}

TEST(Parquet, DamagedBytesAreAnErrorOrOtherValuesButNeverACrash) {
  const TemporaryFolder folder;
  Table table = sample_table();
  const auto path = folder.path() / "damaged.parquet";
  {
    ParquetWriter writer(path);
    for (int i = 0; i < 40; ++i) writer.append(table);
    writer.close();
  }
  const auto bytes = read_file(path);
  std::size_t refused = 0;
  for (std::uint64_t round = 0; round < 300; ++round) {
    Random random(round);
    auto damaged = bytes;
    for (std::uint64_t i = 0; i <= random.below(4); ++i) {
      damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
    }
    write_file_atomically(path, damaged);
    try {
      const auto read = read_parquet(path, {}, 1);
      for (const auto& column : read.columns) EXPECT_EQ(column.size(), read.rows());
    } catch (const Error& error) {
      ++refused;
      EXPECT_NE(error.origin(), ErrorOrigin::kInternal) << error.what();
    }
  }
  EXPECT_GT(refused, 0u);
}

TEST(Parquet, AnEmptyTableKeepsItsColumns) {
  const TemporaryFolder folder;
  Table table;
  table.columns.push_back({"date", std::vector<Date>{}});
  table.columns.push_back({"symbol", DictionaryStrings{}});
  table.columns.push_back({"score", std::vector<double>{}});
  write_parquet(table, folder.path() / "empty.parquet");
  const auto back = read_parquet(folder.path() / "empty.parquet");
  ASSERT_EQ(back.columns.size(), 3u);
  EXPECT_EQ(back.rows(), 0u);
}

TEST(Parquet, LongTablesKeepEveryRowWhateverTheThreads) {
  const TemporaryFolder folder;
  Table table;
  std::vector<std::int64_t> numbers(300'000);
  DictionaryStrings names{{}, {"A", "B", "C"}};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    numbers[i] = static_cast<std::int64_t>(i * i);
    names.codes.push_back(static_cast<std::int32_t>(i % 3));
  }
  table.columns.push_back({"number", numbers});
  table.columns.push_back({"name", names});
  write_parquet(table, folder.path() / "long.parquet");
  for (const int threads : {1, 2}) {
    const auto back = read_parquet(folder.path() / "long.parquet", {}, threads);
    EXPECT_EQ(values<std::int64_t>(back, "number"), numbers);
    EXPECT_EQ(strings(back, "name").codes, names.codes);
  }
}

}  // namespace
}  // namespace orrery::parquet_test
