#include "orrery/data/lake/lake.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "testing/temporary_folder.h"

namespace orrery::lake_test {
namespace {

TEST(Lake, AFolderWithoutACommitIsNoTable) {
  const testing::TemporaryFolder folder;
  Lake lake(folder.path());
  std::filesystem::create_directories(folder.path() / "macro/_delta_log");
  write_file_atomically(folder.path() / "macro/_delta_log/.00000000000000000000.json.1.tmp", "half");
  EXPECT_TRUE(lake.tables().empty());
  EXPECT_THROW(lake.open("macro"), Error);
  lake.open_or_create(*standard_table("macro"));
  EXPECT_EQ(lake.tables(), std::vector<std::string>{"macro"});
}

}  // namespace
}  // namespace orrery::lake_test
