#include "orrery/data/csv.h"

#include <gtest/gtest.h>
#include <zlib.h>

#include <limits>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/text_file.h"
#include "testing/error_message.h"
#include "testing/temporary_folder.h"

namespace orrery::csv_test {
namespace {

using testing::TemporaryFolder;

std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> fields;
  EXPECT_TRUE(split_csv_line(line, fields));
  return fields;
}

TEST(Csv, SplitsLines) {
  EXPECT_EQ(split("a,b"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(split(""), (std::vector<std::string>{""}));
  EXPECT_EQ(split("a,,"), (std::vector<std::string>{"a", "", ""}));
  EXPECT_EQ(split(" \"a,\"\"b\"\"\" , c "), (std::vector<std::string>{"a,\"b\"", "c"}));
  std::vector<std::string> fields;
  EXPECT_FALSE(split_csv_line("a,\"b", fields));
}

TEST(Csv, ReadsATextTable) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "sectors.csv";
  write_file_atomically(path, "\xEF\xBB\xBFSymbol,Sector\r\n\r\nA, Health Care \r\nB,\"x,y\"");
  const auto table = read_text_table(path);
  EXPECT_EQ(table.header, (std::vector<std::string>{"Symbol", "Sector"}));
  ASSERT_EQ(table.rows.size(), 2u);
  EXPECT_EQ(table.rows[0][1], "Health Care");
  EXPECT_EQ(table.lines, (std::vector<std::size_t>{3, 4}));
  EXPECT_EQ(find_text_column(table, {"ticker", "symbol"}), 0u);
  EXPECT_THROW(find_text_column(table, {"industry"}), Error);
  EXPECT_EQ(find_column(table, {"industry", "sector"}), 1u);
  EXPECT_EQ(find_column(table, {"industry"}), std::nullopt);
}

TEST(Csv, ACellThatIsWrongIsNamed) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "days.csv";
  write_file_atomically(path, "Day,Symbol\n2020-01-02,A\n\nsoon,B\n");
  const auto table = read_text_table(path);
  EXPECT_EQ(day_at(table, 0, 0), make_date(2020, 1, 2));
  EXPECT_EQ(testing::message_of([&] { day_at(table, 1, 0); }),
            path.string() + ", line 4, column 'Day': YYYY-MM-DD is expected, found 'soon'");
  EXPECT_EQ(std::string(cell_fault(table, 1, 1, "nobody knows it").what()),
            path.string() + ", line 4, column 'Symbol': nobody knows it, found 'B'");
}

TEST(Csv, AWrongLineIsNamed) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "sectors.csv";
  write_file_atomically(path, "symbol,sector\nA,B\nC\n");
  try {
    read_text_table(path);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("sectors.csv, line 3: 1 fields, but the header has 2"),
              std::string::npos)
        << error.what();
  }
}

TEST(Csv, WritesWhatReadsBack) {
  const TemporaryFolder folder;
  Table table;
  table.columns.push_back({"date", std::vector<Date>{make_date(2018, 1, 2), make_date(2018, 1, 3)}});
  table.columns.push_back({"symbol", DictionaryStrings{{0, -1}, {"A,\"B\""}}});
  table.columns.push_back({"close", std::vector<double>{0.1, std::numeric_limits<double>::quiet_NaN()}});
  table.columns.push_back({"volume", std::vector<std::int64_t>{1, -2}});
  table.columns.push_back({"score", std::vector<float>{0.1F, 2.0F}});
  write_csv(table, folder.path() / "table.csv");
  EXPECT_EQ(read_file(folder.path() / "table.csv"),
            "date,symbol,close,volume,score\n2018-01-02,\"A,\"\"B\"\"\",0.1,1,0.1\n2018-01-03,,,-2,2\n");
  EXPECT_EQ(read_text_table(folder.path() / "table.csv").rows[0][1], "A,\"B\"");
}

void write_gzip(const std::filesystem::path& path, const std::string& text, const char* mode) {
  gzFile file = gzopen(path.c_str(), mode);
  ASSERT_NE(file, nullptr);
  EXPECT_EQ(gzwrite(file, text.data(), static_cast<unsigned>(text.size())), static_cast<int>(text.size()));
  gzclose(file);
}

TEST(TextFile, UnpacksSeveralMembersAndLargeOnes) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "text.csv.GZ";
  const std::string large(3'000'000, 'x');
  write_gzip(path, large, "wb");
  write_gzip(path, "tail", "ab");
  EXPECT_EQ(read_text_file(path), large + "tail");
}

TEST(TextFile, DamagedOrCutOffGzipIsSaidToBe) {
  const TemporaryFolder folder;
  const auto path = folder.path() / "text.csv.gz";
  write_gzip(path, std::string(100'000, 'x') + "symbol", "wb");
  const auto bytes = read_file(path);
  for (const std::size_t size : {bytes.size() - 1, bytes.size() / 2, std::size_t{5}, std::size_t{0}}) {
    write_file_atomically(path, std::string_view(bytes).substr(0, size));
    try {
      read_text_file(path);
      FAIL() << "no error at " << size;
    } catch (const Error& error) {
      EXPECT_EQ(error.code(), ErrorCode::kDataCorrupt);
      EXPECT_NE(std::string(error.what()).find("cut off"), std::string::npos) << error.what();
    }
  }
  write_file_atomically(path, "no gzip at all, but long enough");
  EXPECT_THROW(read_text_file(path), Error);
}

TEST(TextFile, SuffixesMatchInAnyCase) {
  EXPECT_TRUE(has_suffix("dir/A.CSV.GZ", ".csv.gz"));
  EXPECT_FALSE(has_suffix("dir.csv/a", ".csv"));
}

}  // namespace
}  // namespace orrery::csv_test
