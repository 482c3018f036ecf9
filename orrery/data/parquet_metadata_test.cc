#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/parquet.h"
#include "testing/temporary_folder.h"

namespace orrery::parquet_metadata_test {
namespace {

using testing::TemporaryFolder;

const Table kTable = {{{"close", std::vector<double>{1.0, 2.0}}}};

TEST(ParquetMetadata, ReadsBackWhatWasWritten) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "table.parquet";
  write_parquet(kTable, path, {{"planted", "0.03"}, {"origin", "a text = with; signs"}});
  const ParquetMetadata found = read_parquet_metadata(path);
  EXPECT_EQ(found.at("planted"), "0.03");
  EXPECT_EQ(found.at("origin"), "a text = with; signs");
  EXPECT_EQ(read_parquet(path).rows(), 2U);
}

TEST(ParquetMetadata, IsEmptyWhereNoneWasGiven) {
  const TemporaryFolder folder;
  write_parquet(kTable, folder.path() / "table.parquet");
  EXPECT_EQ(read_parquet_metadata(folder.path() / "table.parquet").count("planted"), 0U);
}

TEST(ParquetMetadata, NamesAMissingOrBrokenFile) {
  const TemporaryFolder folder;
  EXPECT_THROW(read_parquet_metadata(folder.path() / "none.parquet"), Error);
  write_file_atomically(folder.path() / "broken.parquet", "no Parquet at all");
  EXPECT_THROW(read_parquet_metadata(folder.path() / "broken.parquet"), Error);
}

}  // namespace
}  // namespace orrery::parquet_metadata_test
