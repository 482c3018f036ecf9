#include "orrery/data/lean_actions.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/files.h"
#include "testing/shared_data.h"
#include "testing/temporary_folder.h"

// Against what companies state: apps/cli/import_files_test.py.

namespace orrery::lean_actions_test {
namespace {

using testing::TemporaryFolder;

struct Read {
  std::vector<std::string> actions;
  std::vector<std::string> faults;
};

Read read(const std::filesystem::path& folder, const std::vector<std::string>& symbols = {}) {
  Read result;
  const auto take = [&](const std::filesystem::path& file, const LeanFault& fault) {
    result.faults.push_back(fmt::format("{}:{} {}", file.filename().string(), fault.line, fault.found));
  };
  for (const auto& action : read_lean_actions(folder, symbols, take)) {
    result.actions.push_back(fmt::format("{} {} {} {} {}", to_string(action.day), action.symbol, action.kind,
                                         action.note.empty() ? fmt::format("{}", action.value) : action.note,
                                         ""));
    result.actions.back().resize(result.actions.back().find_last_not_of(' ') + 1);
  }
  std::sort(result.actions.begin(), result.actions.end());
  return result;
}

void write(const TemporaryFolder& folder, const std::string& path, const std::string& text) {
  std::filesystem::create_directories((folder.path() / path).parent_path());
  write_file_atomically(folder.path() / path, text);
}

// Bank of America's rows of LEAN's repository around 2004: 0.6872052,0.5 until August 27, 0.6872052,1 until
// the 31st, then 0.6941592: a split of 2 for 1 on August 30, and 0.45 a share at a close of 44.92 (0.01001802
// of it).
TEST(LeanActions, TwoRowsTellWhatWasBetweenThem) {
  const TemporaryFolder folder;
  write(folder, "factor_files/bac.csv",
        "20040601,0.6872052,0.5,83.02\n20040827,0.6872052,0.5,89.03\n20040831,0.6872052,1,44.92\n"
        "20501231,0.6941592,1,0\n");
  EXPECT_EQ(read(folder.path()).actions,
            (std::vector<std::string>{"2004-08-30 BAC split 2", "2004-09-01 BAC dividend 0.45"}));
}

TEST(LeanActions, AnActionBelongsToTheSymbolOfItsDay) {
  const TemporaryFolder folder;
  write(folder, "map_files/new.csv", "20100104,old,Q\n20120629,old,Q\n20501231,new,Q\n");
  write(folder, "factor_files/new.csv",
        "20100104,0.5,1,10\n20110103,0.5,1,10\n20130102,0.75,1,10\n20501231,1,1,0\n");
  EXPECT_EQ(read(folder.path()).actions,
            (std::vector<std::string>{"2011-01-04 OLD dividend 3.333333", "2012-07-02 OLD rename NEW",
                                      "2013-01-03 NEW dividend 2.5"}));
  EXPECT_EQ(read(folder.path(), {"OLD"}).actions.size(), 3u);
  EXPECT_TRUE(read(folder.path(), {"OTHER"}).actions.empty());
}

TEST(LeanActions, ALastDayBeforeTheFarFutureIsAnEnd) {
  const TemporaryFolder folder;
  write(folder, "map_files/aaa.1.csv", "20020522,aaa,N\r\n20070518,aaa,N\r\n");
  EXPECT_EQ(read(folder.path()).actions, (std::vector<std::string>{"2007-05-21 AAA delisting unknown"}));
}

TEST(LeanActions, WithoutAMapFileTheFileNamesTheSymbol) {
  const TemporaryFolder folder;
  write(folder, "factor_files/aaa.1.csv", "20240102,1,0.1,10\n20501231,1,1,0\n");
  write(folder, "factor_files/brk.b.csv", "20240102,1,0.3333333,10\n20501231,1,1,0\n");
  EXPECT_EQ(read(folder.path()).actions,
            (std::vector<std::string>{"2024-01-03 AAA split 10", "2024-01-03 BRK.B split 3"}));
}

TEST(LeanActions, UnreadableLinesAreNamed) {
  const TemporaryFolder folder;
  write(folder, "factor_files/a.csv",
        "20240102,1,1,10\nsoon,1,1,1\n20240202,0,1,1\n20240302,x,1,1\n20501231,1,1,0\n");
  write(folder, "map_files/a.csv", "20240102\n20501231,a,Q\n");
  const auto found = read(folder.path());
  EXPECT_TRUE(found.actions.empty());
  EXPECT_EQ(found.faults, (std::vector<std::string>{"a.csv:1 20240102", "a.csv:2 soon,1,1,1",
                                                    "a.csv:3 20240202,0,1,1", "a.csv:4 20240302,x,1,1"}));
}

// Every dividend of LEAN's own factor files gives its factor back to their seven decimals.
TEST(LeanActions, DividendsExplainTheFactorsOfLeansFiles) {
  ORRERY_SHARED_OR_SKIP(folder, "data/lean_equity/equity/usa");
  std::size_t dividends = 0;
  const auto none = [](const std::filesystem::path& file, const LeanFault& fault) {
    ADD_FAILURE() << file << ':' << fault.line;
  };
  for (const auto& action : read_lean_actions(folder, {"BAC"}, none)) {
    if (action.kind != "dividend") continue;
    ++dividends;
    const double cents = action.value * 100.0;  // Bank of America paid whole or quarter cents in these years
    EXPECT_NEAR(cents * 4.0, std::round(cents * 4.0), 0.05) << to_string(action.day) << ' ' << action.value;
  }
  EXPECT_EQ(dividends, 93u);  // awk -F, 'NR>1 && $2!=p{n++} {p=$2} END{print n}' factor_files/bac.csv
}

}  // namespace
}  // namespace orrery::lean_actions_test
