#include "orrery/data/qlib_store.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "testing/temporary_folder.h"

namespace orrery::qlib_store_test {
namespace {

namespace fs = std::filesystem;

/// The format as numpy writes it for qlib: `np.hstack([[start], values]).astype("<f4").tofile(file)`.
void write_field(const fs::path& file, std::vector<float> numbers) {
  fs::create_directories(file.parent_path());
  std::string bytes(numbers.size() * sizeof(float), '\0');
  std::memcpy(bytes.data(), numbers.data(), bytes.size());
  write_file_atomically(file, bytes);
}

class QlibStoreTest : public ::testing::Test {
 protected:
  void SetUp() override {
    fs::create_directories(root() / "calendars");
    fs::create_directories(root() / "instruments");
    write_file_atomically(root() / "calendars" / "day.txt", "2020-01-02\n2020-01-03\n2020-01-06\n");
    write_file_atomically(root() / "instruments" / "all.txt",
                          "AAA\t2020-01-02\t2020-01-06\nGONE\t2020-01-02\t2020-01-03\n");
    for (const char* name : {"open", "high", "low", "close"})
      write_field(field(name), {1.0F, 10.0F, std::nanf("")});
    write_field(field("volume"), {1.0F, 100.0F, 7.0F});
    write_field(field("factor"), {1.0F, 0.5F, 0.5F});
  }
  fs::path root() const { return folder_.path(); }
  fs::path field(const std::string& name) const { return root() / "features" / "aaa" / (name + ".day.bin"); }

  testing::TemporaryFolder folder_;
};

/// Of three sessions the first is before the series, on the last there is no close. Adjusted 10 at a factor
/// of 1/2 was traded at 20, and 100 adjusted shares were 50.
TEST_F(QlibStoreTest, UndoesTheFactor) {
  const auto store = read_qlib_store(root());
  ASSERT_EQ(store.prices.rows(), 1u);
  EXPECT_EQ(std::get<std::vector<Date>>(store.prices.column("date").values)[0], make_date(2020, 1, 3));
  const auto number = [&](const char* name) {
    return std::get<std::vector<double>>(store.prices.column(name).values)[0];
  };
  EXPECT_EQ(number("close"), 20.0);
  EXPECT_EQ(number("adj_close"), 10.0);
  EXPECT_EQ(number("volume"), 50.0);
  EXPECT_EQ(store.without_data, std::vector<std::string>{"GONE"});
  EXPECT_EQ(store.symbols, 1u);
  EXPECT_THROW(store.prices.column("vwap"), Error);
}

TEST_F(QlibStoreTest, LeavesOutWhatIsOutsideAnInstrumentsIntervals) {
  write_file_atomically(root() / "instruments" / "all.txt", "AAA\t2020-01-06\t2020-01-06\n");
  EXPECT_EQ(read_qlib_store(root()).prices.rows(), 0u);
}

/// qlib computes factors on the whole series and looks at who belonged afterwards (data/data.py,
/// inst_calculator).
TEST_F(QlibStoreTest, KeepsThePastOfWhoJoinsAMarket) {
  write_field(field("close"), {0.0F, 10.0F, 11.0F, 12.0F});
  write_file_atomically(root() / "instruments" / "index.txt", "AAA\t2020-01-06\t2020-01-06\n");
  const auto store = read_qlib_store(root(), "index");
  EXPECT_EQ(store.prices.rows(), 3u);
  ASSERT_EQ(store.members.size(), 1u);
  EXPECT_EQ(store.members[0].start, make_date(2020, 1, 6));
  write_membership(store.members, root() / "members.csv");
  const auto members = read_membership(root() / "members.csv");
  ASSERT_EQ(members.size(), 1u);
  EXPECT_EQ(members[0].symbol, "AAA");
  EXPECT_EQ(members[0].end, make_date(2020, 1, 6));
  EXPECT_TRUE(read_qlib_store(root()).members.empty());
}

TEST_F(QlibStoreTest, SaysWhatIsWrong) {
  const auto message = [&] {
    try {
      read_qlib_store(root());
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  write_field(field("close"), {2.0F, 1.0F, 1.0F});
  EXPECT_NE(message().find("the calendar has 3 sessions"), std::string::npos);
  write_file_atomically(field("close"), "abc");
  EXPECT_NE(message().find("found 3 bytes"), std::string::npos);
  write_file_atomically(root() / "instruments" / "all.txt", "AAA\n");
  EXPECT_NE(message().find("found 'AAA'"), std::string::npos);
  EXPECT_THROW(read_qlib_store(root() / "nowhere"), Error);
}

}  // namespace
}  // namespace orrery::qlib_store_test
