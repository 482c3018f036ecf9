#include "orrery/data/feather.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "orrery/data/parquet.h"
#include "orrery/data/price_rows.h"
#include "testing/run_python.h"
#include "testing/temporary_folder.h"

namespace orrery::feather_test {
namespace {

using testing::run_python;
using testing::TemporaryFolder;
using Path = std::filesystem::path;

// One table in every form that pyarrow writes, and as Parquet.
constexpr const char* kWrite = R"(
import datetime, pyarrow as pa, pyarrow.feather as feather, pyarrow.parquet as pq
days = [datetime.datetime(2018, 12, 31), datetime.datetime(2019, 1, 2), datetime.datetime(2019, 1, 3)]
plain = {'date': pa.array(days, pa.timestamp('ns')), 'symbol': pa.array(['AAPL', None, 'BRK.B']),
         'open': pa.array([1.5, 2.5, 3.5]), 'high': pa.array([2.0, 3.0, 4.0]), 'low': pa.array([1.0, 2.0, 3.0]),
         'close': pa.array([1.25, None, 3.25]), 'volume': pa.array([-9007199254740993, 7, 8])}
table = pa.table(plain)
pq.write_table(table, 'table.parquet')
for packed in ('lz4', 'zstd', 'uncompressed'):
    feather.write_feather(table, packed + '.feather', compression=packed, chunksize=2)
with pa.ipc.new_stream('stream.arrow', table.schema) as stream:
    stream.write_table(table, max_chunksize=2)
nested = table.append_column('nested', pa.array([[1], [2], []])).append_column('coded', table['symbol'].dictionary_encode())
with pa.ipc.new_file('nested.ipc', nested.schema) as file:
    file.write_table(nested)
table.to_pandas().to_feather('pandas.feather')
feather.write_feather(table.slice(0, 0), 'empty.feather')
)";

std::string bytes_as_parquet(const Table& table, const Path& folder) {
  write_parquet(table, folder / "again.parquet");
  return read_file(folder / "again.parquet");
}

// Oracle: the same table in Parquet, whose reader has its own tests against pyarrow.
TEST(Feather, EveryFormGivesWhatParquetGives) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_python(folder.path(), kWrite), 0);
  const auto expected = bytes_as_parquet(read_parquet(folder.path() / "table.parquet"), folder.path());
  for (const auto* name :
       {"lz4.feather", "zstd.feather", "uncompressed.feather", "stream.arrow", "pandas.feather"}) {
    EXPECT_EQ(bytes_as_parquet(read_feather(folder.path() / name), folder.path()), expected) << name;
  }
  EXPECT_EQ(read_feather(folder.path() / "empty.feather").rows(), 0u);
}

TEST(Feather, NestedColumnsAreLeftOutAndCodedTextsAreTexts) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_python(folder.path(), kWrite), 0);
  const auto table = read_feather(folder.path() / "nested.ipc");
  ASSERT_EQ(table.columns.size(), 8u);
  EXPECT_EQ(table.columns.back().name, "coded");
  EXPECT_EQ(std::get<DictionaryStrings>(table.columns.back().values).dictionary,
            (std::vector<std::string>{"AAPL", "BRK.B"}));
}

TEST(Feather, IsAFileOfPrices) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_python(folder.path(), kWrite), 0);
  const auto rows = read_price_rows(folder.path() / "lz4.feather", 1);
  EXPECT_EQ(rows.size(), 3u);
  EXPECT_EQ(rows.quarantine.left_out(), 1u);  // the row without a symbol
  EXPECT_EQ(rows.values[kClose][2], 3.25);
}

TEST(Feather, ErrorsNameTheFile) {
  const TemporaryFolder folder;
  write_file_atomically(folder.path() / "text.feather", "date,symbol\n");
  write_file_atomically(folder.path() / "version1.feather", "FEA1 and more");
  for (const auto* name : {"text.feather", "absent.feather", "version1.feather"}) {
    try {
      read_feather(folder.path() / name);
      FAIL() << name;
    } catch (const Error& error) {
      EXPECT_NE(std::string(error.what()).find(name), std::string::npos) << error.what();
    }
  }
}

TEST(Feather, DamagedBytesAreAnErrorOrOtherValuesButNeverACrash) {
  const TemporaryFolder folder;
  ASSERT_EQ(run_python(folder.path(), kWrite), 0);
  std::size_t refused = 0;
  for (const auto* name : {"lz4.feather", "uncompressed.feather", "stream.arrow", "nested.ipc"}) {
    const auto bytes = read_file(folder.path() / name);
    for (std::uint64_t round = 0; round < 200; ++round) {
      Random random(round);
      auto damaged = bytes.substr(0, round % 4 == 0 ? random.below(bytes.size()) : bytes.size());
      for (std::uint64_t i = 0; !damaged.empty() && i <= random.below(4); ++i)
        damaged[random.below(damaged.size())] = static_cast<char>(random.below(256));
      write_file_atomically(folder.path() / name, damaged);
      try {
        const auto read = read_feather(folder.path() / name);
        for (const auto& column : read.columns) EXPECT_EQ(column.size(), read.rows());
      } catch (const Error& error) {
        ++refused;
        EXPECT_NE(error.origin(), ErrorOrigin::kInternal) << error.what();
      }
    }
  }
  EXPECT_GT(refused, 100u);
}

}  // namespace
}  // namespace orrery::feather_test
