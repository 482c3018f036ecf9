#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "orrery/base/aligned_memory.h"
#include "orrery/base/date.h"
#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"
#include "orrery/base/plain_name.h"
#include "orrery/base/random.h"
#include "orrery/base/registry.h"
#include "orrery/base/spelling.h"
#include "orrery/base/threads.h"
#include "orrery/base/timestamp.h"

namespace orrery::base_test {
namespace {

TEST(Date, ReadsAndWritesIsoDays) {
  EXPECT_EQ(parse_date("1970-01-01")->days, 0);
  EXPECT_EQ(parse_date("2015-01-12T00:00:00"), make_date(2015, 1, 12));
  EXPECT_EQ(to_string(make_date(2016, 2, 29)), "2016-02-29");
  EXPECT_EQ(weekday(make_date(2026, 11, 21)), 5);  // a Saturday
}

TEST(Date, RefusesWhatIsNoDay) {
  for (const char* text :
       {"2015-02-29", "2015-13-01", "15-01-12", "2015/01/12", "2015-01-1x", "", "2015-01-12x"}) {
    EXPECT_FALSE(parse_date(text)) << text;
  }
  EXPECT_THROW(make_date(2015, 2, 29), Error);
}

TEST(Timestamp, ReadsWhatItWrites) {
  for (const char* text : {"2024-01-02T00:00:00Z", "2024-02-29T23:59:59Z", "1969-12-31T23:59:59.999999999Z",
                           "2024-01-02T15:30:00.000000001Z"}) {
    const auto moment = parse_timestamp(text);
    ASSERT_TRUE(moment) << text;
    EXPECT_EQ(to_string(*moment), text);
  }
  EXPECT_EQ(parse_timestamp("2024-01-02"), start_of(make_date(2024, 1, 2)));
  EXPECT_EQ(parse_timestamp("2024-01-02 09:30"), parse_timestamp("2024-01-02T09:30:00.0Z"));
  EXPECT_EQ(parse_timestamp("2024-01-02T20:30:00-05:00"), parse_timestamp("2024-01-03T01:30Z"));
  EXPECT_EQ(parse_timestamp("2024-01-02T01:00+05:30"), parse_timestamp("2024-01-01T19:30"));
}

TEST(Timestamp, RefusesWhatIsNoMoment) {
  for (const char* text :
       {"", "2024-01", "2024-13-01", "2024-01-02T", "2024-01-02T9:30", "2024-01-02T24:00", "2024-01-02T09:60",
        "2024-01-02T09:30:60", "2024-01-02T09:30:00.", "2024-01-02T09:30:00.1234567891", "2024-01-02x09:30",
        "2024-01-02T09:30z", "2024-01-02T09:30+0500", "2024-01-02T09:30:00Z "}) {
    EXPECT_FALSE(parse_timestamp(text)) << text;
  }
}

TEST(Timestamp, LaterIsToTheNearestNanosecond) {
  const Timestamp noon = parse_timestamp("2024-01-02T12:00").value();
  EXPECT_EQ(to_string(later(noon, 2.01)), "2024-01-02T12:00:02.010000000Z") << "2.01e9 is less in a double";
  EXPECT_EQ(to_string(later(noon, -0.5)), "2024-01-02T11:59:59.500000000Z");
  EXPECT_EQ(later(noon, 0.0), noon);
}

TEST(PlainName, LettersDigitsAndThreeMarks) {
  for (const char* name : {"a", "Momentum-2.0_b", "9", "a..b"}) {
    EXPECT_TRUE(is_plain_name(name, 100)) << name;
    EXPECT_TRUE(is_plain_file_name(name, 100)) << name;
  }
  for (const char* name : {"", "a b", "a/b", "\xc3\xa4", "a\n", "{a}", "a:b"}) {
    EXPECT_FALSE(is_plain_name(name, 100)) << name;
    EXPECT_FALSE(is_plain_file_name(name, 100)) << name;
  }
  for (const char* name : {".", "..", ".hidden"}) {
    EXPECT_TRUE(is_plain_name(name, 100)) << name;
    EXPECT_FALSE(is_plain_file_name(name, 100)) << name;
  }
  EXPECT_TRUE(is_plain_name("abc", 3));
  EXPECT_FALSE(is_plain_name("abcd", 3));
}

TEST(Date, AddsMonthsToTheLastDay) {
  EXPECT_EQ(add_months(make_date(2016, 1, 31), 1), make_date(2016, 2, 29));
  EXPECT_EQ(add_months(make_date(2016, 3, 31), -12), make_date(2015, 3, 31));
}

TEST(AlignedMemory, LiesOnCacheLinesAndTakesTheBytes) {
  for (const std::size_t bytes : {0UL, 1UL, 65UL, 1UL << 20, (3UL << 20) + 8}) {
    auto* memory = static_cast<char*>(allocate_aligned(bytes));
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(memory) % 64, 0u) << bytes;
    std::fill_n(memory, bytes, 'x');
    release_aligned(memory);
  }
  release_aligned(nullptr);
}

TEST(Threads, RunsEveryTaskOnceForAnyThreadCount) {
  for (const int threads : {1, 2, 7}) {
    std::vector<std::atomic<int>> seen(1000);
    parallel_for(seen.size(), threads, [&](std::size_t i) { ++seen[i]; });
    for (const auto& count : seen) ASSERT_EQ(count, 1);
  }
}

TEST(Threads, ThrowsTheTasksError) {
  const auto fail = [](std::size_t i) {
    if (i == 3) throw user_error(ErrorCode::kNotFound, "task 3");
  };
  EXPECT_THROW(parallel_for(8, 2, fail), Error);
}

TEST(Threads, SpinForLessLongUnlessTheEnvironmentSaysHow) {
  const auto turns = [] {
    const char* found = std::getenv("GOMP_SPINCOUNT");
    return std::string(found == nullptr ? "none" : found);
  };
  ::setenv("OMP_WAIT_POLICY", "active", 1);
  ::unsetenv("GOMP_SPINCOUNT");
  limit_spinning();
  EXPECT_EQ(turns(), "none");
  ::unsetenv("OMP_WAIT_POLICY");
  limit_spinning();
  EXPECT_EQ(turns(), "5000");
  ::setenv("GOMP_SPINCOUNT", "7", 1);
  limit_spinning();
  EXPECT_EQ(turns(), "7");
  ::unsetenv("GOMP_SPINCOUNT");
}

TEST(Fingerprint, DependsOnTheBytesOnly) {
  Fingerprint whole;
  whole.update("abcdef");
  Fingerprint parts;
  parts.update("abc");
  parts.update("def");
  EXPECT_EQ(whole.hex(), parts.hex());
  parts.update("x");
  EXPECT_NE(whole.hex(), parts.hex());
}

TEST(Fingerprint, OfNothingIsXxh3sEmptyDigest) {
  // Published in xxHash's own documentation for XXH3_128bits of an empty input with seed 0.
  EXPECT_EQ(Fingerprint().hex(), "99aa06d3014798d86001c324468d497f");
}

TEST(Random, IsReproducibleAndUniform) {
  Random a(7);
  Random b(7);
  double sum = 0.0;
  double squares = 0.0;
  constexpr int kDraws = 200000;
  for (int i = 0; i < kDraws; ++i) {
    ASSERT_EQ(a.next(), b.next());
    const double z = a.normal();
    b.normal();
    sum += z;
    squares += z * z;
  }
  // Five standard errors of the mean and of the variance of a standard normal.
  EXPECT_NEAR(sum / kDraws, 0.0, 5.0 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1.0, 5.0 * std::sqrt(2.0 / kDraws));
}

TEST(Random, ForksDiffer) {
  const Random parent(7);
  EXPECT_NE(parent.fork(1).next(), parent.fork(2).next());
  EXPECT_EQ(parent.fork(1).next(), parent.fork(1).next());
}

TEST(Spelling, FindsTheLikelySlip) {
  EXPECT_EQ(nearest_spelling("num_leafs", {"num_leaves", "learning_rate"}), "num_leaves");
  EXPECT_EQ(nearest_spelling("mean", {"Mean", "Med"}), "Mean");
  EXPECT_EQ(nearest_spelling("banana", {"Mean", "Med"}), "");
}

TEST(Registry, NamesTheNearestOnAMiss) {
  NamedRegistry<int> registry("model");
  registry.add("lightgbm", 1);
  EXPECT_EQ(registry.get("lightgbm"), 1);
  try {
    registry.get("lightgmb");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    EXPECT_NE(std::string(error.what()).find("did you mean 'lightgbm'"), std::string::npos);
  }
  EXPECT_THROW(registry.add("lightgbm", 2), Error);
}

class Folder : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = std::filesystem::temp_directory_path() /
            ("orrery_base_" + std::string(::testing::UnitTest::GetInstance()->current_test_info()->name()));
    std::filesystem::remove_all(root_);
    std::filesystem::create_directories(root_);
  }
  void TearDown() override { std::filesystem::remove_all(root_); }
  std::filesystem::path root_;
};

TEST_F(Folder, FileAppearsWholeAndReplacesTheOld) {
  write_file_atomically(root_ / "a", "one");
  write_file_atomically(root_ / "a", "two");
  EXPECT_EQ(read_file(root_ / "a"), "two");
  EXPECT_THROW(read_file(root_ / "b"), Error);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root_), {}), 1);
}

TEST_F(Folder, TheEndOfAFile) {
  std::ofstream(root_ / "log") << "one\ntwo\n";
  EXPECT_EQ(read_file_end(root_ / "log", 8), "one\ntwo\n");
  EXPECT_EQ(read_file_end(root_ / "log", 100), "one\ntwo\n");
  EXPECT_EQ(read_file_end(root_ / "log", 5), "\ntwo\n");
  EXPECT_EQ(read_file_end(root_ / "log", 0), "");
  EXPECT_EQ(read_file_end(root_ / "none", 5), "");
  EXPECT_EQ(read_file_end(root_, 5), "") << "a folder";
}

TEST_F(Folder, TransactionLeavesNothingWithoutCommit) {
  {
    const FolderTransaction transaction(root_ / "run", false);
    std::ofstream(transaction.staging() / "x") << "x";
  }
  EXPECT_TRUE(std::filesystem::is_empty(root_));
}

TEST_F(Folder, TransactionClearsAwayWhatAKilledProcessLeft) {
  // Process numbers end well below this one (kernel limit 2^22).
  std::filesystem::create_directories(root_ / ".run.99999999.new");
  std::filesystem::create_directories(root_ / ".run.mine.new");
  FolderTransaction transaction(root_ / "run", false);
  transaction.commit();
  EXPECT_FALSE(std::filesystem::exists(root_ / ".run.99999999.new"));
  EXPECT_TRUE(std::filesystem::exists(root_ / ".run.mine.new"));
  EXPECT_TRUE(std::filesystem::exists(root_ / "run"));
}

TEST_F(Folder, TransactionReplacesOnlyWhenAsked) {
  const auto write = [&](const char* text, bool replace) {
    FolderTransaction transaction(root_ / "run", replace);
    std::ofstream(transaction.staging() / "x") << text;
    transaction.commit();
  };
  write("one", false);
  EXPECT_THROW(write("two", false), Error);
  write("three", true);
  EXPECT_EQ(read_file(root_ / "run" / "x"), "three");
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(root_), {}), 1);
}

}  // namespace
}  // namespace orrery::base_test
