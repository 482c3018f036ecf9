#include "orrery/data/lake/lake_copy.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/lake/lake.h"
#include "testing/crashing_disk.h"
#include "testing/temporary_folder.h"

namespace orrery::lake_copy_test {
namespace {

using testing::CrashingDisk;
using testing::PowerFailure;
using testing::TemporaryFolder;

constexpr std::int64_t kSecond = 1'000'000'000;

TableDefinition numbers(const std::string& name) {
  TableDefinition definition;
  definition.name = name;
  definition.schema.fields = {{.name = "number", .type = DeltaType::kLong}};
  definition.sort_by = {"number"};
  return definition;
}

Table rows(std::vector<std::int64_t> values) { return {{{"number", std::move(values)}}}; }

std::vector<std::int64_t> numbers_in(LakeFiles& files, const std::string& table, ScanRequest request = {}) {
  const auto all = LakeTable(files, table).scan_sorted(request)->rest();
  return std::get<std::vector<std::int64_t>>(all.column("number").values);
}

/// Ticks a second a question, so that versions have times.
LakeTableOptions ticking() {
  auto seconds = std::make_shared<std::int64_t>(1'600'000'000);
  LakeTableOptions options;
  options.log.clock = [seconds] { return Timestamp{(*seconds)++ * kSecond}; };
  return options;
}

/// Two folders, the first with a table of three commits.
class LakeCopy : public ::testing::Test {
 protected:
  LakeCopy() : lake(folder_files(folder.path() / "lake")), backup(folder_files(folder.path() / "backup")) {
    LakeTable::create(*lake, "numbers", numbers("numbers"), options);
    LakeTable table(*lake, "numbers", options);
    table.append(rows({1, 2}));
    table.append(rows({3}));
  }

  TableCopy back_up() { return copy_table(*lake, *backup, "numbers", {}, silent_progress()); }
  TableCopy bring_back() { return copy_table(*backup, *lake, "numbers", {.mends = true}, silent_progress()); }
  std::filesystem::path data_file() const {
    for (const auto& file : lake->list("numbers")) {
      if (!file.path.starts_with("numbers/_delta_log")) return folder.path() / "lake" / file.path;
    }
    return {};
  }

  TemporaryFolder folder;
  LakeTableOptions options = ticking();
  std::unique_ptr<LakeFiles> lake, backup;
};

TEST_F(LakeCopy, TheFirstTakesAllTheNextWhatIsNew) {
  const auto first = back_up();
  EXPECT_EQ(first.version, 2);
  EXPECT_EQ(first.earlier_version, -1);
  EXPECT_EQ(first.files_copied, 2u);
  EXPECT_EQ(numbers_in(*backup, "numbers"), (std::vector<std::int64_t>{1, 2, 3}));
  const auto none = back_up();
  EXPECT_EQ(none.files_copied, 0u);
  EXPECT_EQ(none.files_there, 2u);
  LakeTable(*lake, "numbers", options).append(rows({4}));
  const auto next = back_up();
  EXPECT_EQ(next.earlier_version, 2);
  EXPECT_EQ(next.version, 3);
  EXPECT_EQ(next.files_copied, 1u);
  EXPECT_EQ(numbers_in(*backup, "numbers"), (std::vector<std::int64_t>{1, 2, 3, 4}));
  EXPECT_EQ(numbers_in(*backup, "numbers", {.version = 1}), (std::vector<std::int64_t>{1, 2}));
  EXPECT_TRUE(LakeTable(*backup, "numbers").verify().empty());
}

TEST_F(LakeCopy, TheCopyKeepsVersionsThatTheLakeHasForgotten) {
  back_up();
  LakeTable table(*lake, "numbers", options);
  table.compact();
  table.log().write_checkpoint();
  table.vacuum({4'000'000'000 * kSecond});
  EXPECT_THROW(numbers_in(*lake, "numbers", {.version = 1}), Error);
  back_up();
  EXPECT_EQ(numbers_in(*backup, "numbers", {.version = 1}), (std::vector<std::int64_t>{1, 2}));
  EXPECT_EQ(numbers_in(*backup, "numbers"), (std::vector<std::int64_t>{1, 2, 3}));
}

TEST_F(LakeCopy, EachVersionComesBackAsOfItsTime) {
  back_up();
  DeltaLog log(*backup, "numbers");
  for (const auto& commit : log.history(9)) {
    const auto again = folder_files(folder.path() / ("again" + std::to_string(commit.version)));
    const TableCopyOptions options{.at = Timestamp{commit.info.timestamp_ms * 1'000'000}};
    EXPECT_EQ(copy_table(*backup, *again, "numbers", options, silent_progress()).version, commit.version);
    EXPECT_EQ(numbers_in(*again, "numbers"), numbers_in(*lake, "numbers", {.version = commit.version}));
    LakeTable(*again, "numbers").append(rows({9}));  // it goes on from there
    EXPECT_EQ(LakeTable(*again, "numbers").version(), commit.version + 1);
  }
}

TEST_F(LakeCopy, ADamagedFileIsNamedAndTheCopyStaysAsItWas) {
  LakeTable(*lake, "numbers", options).append(rows({5}));
  auto content = read_file(data_file());
  content[40] ^= 1;
  write_file_atomically(data_file(), content);
  const auto copy = back_up();
  ASSERT_EQ(copy.damaged.size(), 1u);
  EXPECT_EQ(copy.damaged[0].path, data_file().string());
  EXPECT_EQ(copy.damaged[0].reason, "its checksum differs from the one in the log");
  EXPECT_EQ(copy.version, -1);
  EXPECT_EQ(DeltaLog(*backup, "numbers").latest(), nullptr);
}

TEST_F(LakeCopy, LostAndDamagedFilesComeBackAlsoToALakeThatIsAhead) {
  back_up();
  const auto lost = data_file();
  LakeTable table(*lake, "numbers", options);
  table.append(rows({7}));
  auto content = read_file(lost);
  content[40] ^= 1;
  write_file_atomically(lost, content);
  EXPECT_EQ(table.verify().size(), 1u);
  EXPECT_EQ(bring_back().files_copied, 1u);
  std::filesystem::remove(lost);
  EXPECT_EQ(table.verify().size(), 1u);
  const auto copy = bring_back();
  EXPECT_EQ(copy.files_copied, 1u);
  EXPECT_EQ(copy.version, 3);
  EXPECT_TRUE(table.verify().empty());
  EXPECT_EQ(numbers_in(*lake, "numbers"), (std::vector<std::int64_t>{1, 2, 3, 7}));
}

TEST_F(LakeCopy, AnotherTableOrAnotherHistoryIsRefused) {
  const auto refused = [this](const std::string& reason) {
    try {
      back_up();
      ADD_FAILURE() << "copied";
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kInvalidArgument);
      EXPECT_NE(std::string(error.what()).find(reason), std::string::npos) << error.what();
    }
  };
  LakeTable::create(*backup, "numbers", numbers("numbers"));
  refused("another table of the same name");
  std::filesystem::remove_all(folder.path() / "backup");
  backup = folder_files(folder.path() / "backup");
  back_up();
  LakeTable theirs(*backup, "numbers");
  theirs.append(rows({10}));
  refused("it is at version 3, the other at 2");
  LakeTable(*lake, "numbers", options).append(rows({11}));
  refused("version 3 is not the same in both");
}

TEST_F(LakeCopy, ALakesTablesAreCopiedByName) {
  LakeTable::create(*lake, "others", numbers("others"), options);
  const auto copies = copy_lake(folder.path() / "lake", folder.path() / "backup", {}, {}, silent_progress());
  ASSERT_EQ(copies.size(), 2u);
  EXPECT_EQ(copies[1].table, "others");
  const TableCopyOptions early{.at = Timestamp{1'600'000'003 * kSecond}};
  EXPECT_EQ(copy_lake(folder.path() / "backup", folder.path() / "early", {}, early, silent_progress()).size(),
            1u);
  const TableCopyOptions never{.at = Timestamp{kSecond}};
  EXPECT_THROW(copy_lake(folder.path() / "lake", folder.path() / "b", {}, never, silent_progress()), Error);
  EXPECT_THROW(copy_lake(folder.path() / "lake", folder.path() / "b", {"nubmers"}, {}, silent_progress()),
               Error);
  EXPECT_THROW(copy_lake(folder.path() / "empty", folder.path() / "b", {}, {}, silent_progress()), Error);
}

/// What a copy that the power cut left, and what the next one makes of it.
TEST_F(LakeCopy, APowerFailureLeavesAWholeTable) {
  LakeTable table(*lake, "numbers", options);
  table.compact();
  table.vacuum({4'000'000'000 * kSecond});  // the first versions can't be read any more
  const auto wanted = numbers_in(*lake, "numbers");
  CrashingDisk whole(0);
  copy_table(*lake, *folder_files("/backup", whole), "numbers", {}, silent_progress());
  for (std::size_t step = 0; step < whole.steps(); ++step) {
    for (std::uint64_t seed = 1; seed <= 5; ++seed) {
      CrashingDisk disk(100 * step + seed);
      disk.fail_after(step);
      const auto copied = folder_files("/backup", disk);
      EXPECT_THROW(copy_table(*lake, *copied, "numbers", {}, silent_progress()), PowerFailure);
      disk.restart();
      const auto after = folder_files("/backup", disk);
      if (DeltaLog(*after, "numbers").latest()) {
        EXPECT_EQ(numbers_in(*after, "numbers"), wanted) << "step " << step << " seed " << seed;
      }
      copy_table(*lake, *after, "numbers", {.mends = true}, silent_progress());
      EXPECT_EQ(numbers_in(*after, "numbers"), wanted) << "step " << step << " seed " << seed;
    }
  }
}

}  // namespace
}  // namespace orrery::lake_copy_test
