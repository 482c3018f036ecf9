// Prices of names that changed their symbol, from files.
#include "orrery/data/renamed_rows.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/prices.h"
#include "testing/same_market.h"
#include "testing/temporary_folder.h"

namespace orrery::renamed_rows_test {
namespace {

using testing::TemporaryFolder;

constexpr const char* kHeader = "date,symbol,open,high,low,close,volume\n";

std::string bar(const std::string& date, const std::string& symbol, const std::string& price) {
  return date + "," + symbol + "," + price + "," + price + "," + price + "," + price + ",100\n";
}

PriceLoad load(const std::string& prices, const std::string& renames,
               const std::function<void(PriceSource&)>& change = nullptr) {
  const TemporaryFolder folder;
  PriceSource source;
  source.path = folder.path() / "prices.csv";
  write_file_atomically(source.path, prices);
  if (!renames.empty()) {
    source.renames = folder.path() / "renames.csv";
    write_file_atomically(source.renames, "date,from,to\n" + renames);
  }
  source.sectors = folder.path() / "sectors.csv";
  write_file_atomically(source.sectors, "symbol,sector\nFB,Communication\nB,Else\n");
  source.delistings = folder.path() / "delistings.csv";
  write_file_atomically(source.delistings, "symbol,date,return,reason\n");
  if (change) change(source);
  return load_prices(source);
}

const std::string kBefore =
    std::string(kHeader) + bar("2022-06-07", "FB", "10") + bar("2022-06-08", "FB", "11");
const std::string kAfter = bar("2022-06-09", "META", "12") + bar("2022-06-10", "META", "13");
const std::string kRename = "2022-06-09,FB,META\n";

TEST(RenamedRows, AreOneInstrumentUnderTheLastSymbol) {
  const auto joined = load(kBefore + kAfter, kRename);
  const auto whole = load(
      std::string(kHeader) + bar("2022-06-07", "META", "10") + bar("2022-06-08", "META", "11") + kAfter, "");
  testing::expect_same_market(whole.market, joined.market);
  EXPECT_EQ(joined.market.renames, (std::vector<Rename>{{"FB", "META", make_date(2022, 6, 9)}}));
  EXPECT_EQ(joined.market.sectors, (std::vector<std::string>{"Communication"}))
      << "known by the symbol before";
  EXPECT_NE(joined.fingerprint, whole.fingerprint);
}

TEST(RenamedRows, ANewSymbolWithItsWholePastNeedsNoBarsOfTheFormer) {
  const auto joined =
      load(std::string(kHeader) + bar("2022-06-07", "META", "10") + bar("2022-06-08", "META", "11") + kAfter,
           kRename);
  EXPECT_EQ(joined.market.symbols, (std::vector<std::string>{"META"}));
  EXPECT_EQ(joined.market.raw_field("close")(0, 0), 10.0);
}

TEST(RenamedRows, OfBarsUnderBothOnADayThoseOfWhoHadTheSymbolCount) {
  // Before its day META was not the instrument's; from then on FB is another's.
  const auto joined =
      load(kBefore + bar("2022-06-08", "META", "77") + bar("2022-06-09", "FB", "5") + kAfter, kRename);
  ASSERT_EQ(joined.market.symbols, (std::vector<std::string>{"FB", "META"}));
  EXPECT_EQ(joined.market.raw_field("close")(1, 1), 11.0);
  EXPECT_EQ(joined.market.raw_field("close")(2, 1), 12.0);
  EXPECT_EQ(joined.market.raw_field("close")(2, 0), 5.0);
  EXPECT_TRUE(std::isnan(joined.market.raw_field("close")(1, 0)));
  EXPECT_EQ(joined.summary.rows_quarantined, 1u);
  EXPECT_EQ(joined.summary.quarantined.at("duplicate key"), 1u);
}

TEST(RenamedRows, FollowChains) {
  const auto joined = load(std::string(kHeader) + bar("2022-06-07", "A", "1") + bar("2022-06-08", "B", "2") +
                               bar("2022-06-09", "C", "3"),
                           "2022-06-09,B,C\n2022-06-08,A,B\n");
  ASSERT_EQ(joined.market.symbols, (std::vector<std::string>{"C"}));
  for (std::size_t t = 0; t < 3; ++t) EXPECT_EQ(joined.market.raw_field("close")(t, 0), 1.0 + double(t));
}

TEST(RenamedRows, ASymbolThatIsAnothersLaterIsThatOnes) {
  const auto joined = load(kBefore + kAfter + bar("2022-06-10", "FB", "40"), kRename);
  ASSERT_EQ(joined.market.symbols, (std::vector<std::string>{"FB", "META"}));
  EXPECT_EQ(joined.market.first_row, (std::vector<int>{3, 0}));
  EXPECT_EQ(joined.market.raw_field("close")(3, 0), 40.0);
}

TEST(RenamedRows, MayGoRoundInACircleAndSwap) {
  const auto there_and_back = load(std::string(kHeader) + bar("2022-06-07", "A", "1") +
                                       bar("2022-06-08", "B", "2") + bar("2022-06-09", "A", "3"),
                                   "2022-06-08,A,B\n2022-06-09,B,A\n");
  ASSERT_EQ(there_and_back.market.symbols, (std::vector<std::string>{"A"}));
  EXPECT_EQ(there_and_back.market.raw_field("close")(1, 0), 2.0);
  const auto swapped =
      load(std::string(kHeader) + bar("2022-06-07", "A", "1") + bar("2022-06-07", "B", "10") +
               bar("2022-06-08", "A", "11") + bar("2022-06-08", "B", "2"),
           "2022-06-08,A,B\n2022-06-08,B,A\n");
  ASSERT_EQ(swapped.market.symbols, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(swapped.market.raw_field("close")(0, 0), 10.0);
  EXPECT_EQ(swapped.market.raw_field("close")(1, 0), 11.0);
}

TEST(RenamedRows, AnotherBaseOfAdjustedClosesIsNoDividend) {
  const std::string header = "date,symbol,open,high,low,close,adj_close,volume\n";
  const auto row = [](const std::string& date, const std::string& symbol, const std::string& close,
                      const std::string& adjusted) {
    return date + "," + symbol + "," + close + "," + close + "," + close + "," + close + "," + adjusted +
           ",100\n";
  };
  // FB's file ended before a dividend of 1 on META that scaled META's past by 0.95.
  const auto joined =
      load(header + row("2022-06-07", "FB", "20", "20") + row("2022-06-08", "FB", "20", "20") +
               row("2022-06-09", "META", "20", "19") + row("2022-06-10", "META", "19", "19"),
           kRename);
  EXPECT_EQ(joined.summary.dividends, 1u);
  EXPECT_EQ(joined.market.dividend(2, 0), 0.0);
  EXPECT_NEAR(joined.market.dividend(3, 0), 1.0, 1e-9);
  EXPECT_EQ(joined.market.field("close")(2, 0), 20.0);
  // With a split of 1:10 on the day of the rename the closes tell which base is meant.
  const auto split = load(header + row("2022-06-07", "FB", "2", "20") + row("2022-06-08", "FB", "2", "20") +
                              row("2022-06-09", "META", "20", "20"),
                          kRename);
  EXPECT_EQ(split.summary.splits, 1u);
  EXPECT_NEAR(split.market.split_ratio(2, 0), 0.1, 1e-9);
  const auto base = load(header + row("2022-06-07", "FB", "20", "20") + row("2022-06-08", "FB", "20", "20") +
                             row("2022-06-09", "META", "20", "10") + row("2022-06-10", "META", "10", "10"),
                         kRename);
  EXPECT_EQ(base.summary.splits, 1u) << "that of the day after";
  EXPECT_EQ(base.market.split_ratio(2, 0), 1.0);
}

TEST(RenamedRows, DelistingsAreThoseOfWhoHadTheSymbol) {
  const auto joined = load(kBefore + kAfter, kRename, [](PriceSource& source) {
    write_file_atomically(source.delistings, "symbol,date,return,reason\nMETA,2022-06-10,0,merger\n");
  });
  ASSERT_EQ(joined.market.delistings.size(), 1u);
  EXPECT_EQ(joined.market.delistings[0].instrument, 0u);
}

TEST(RenamedRows, BadRenamesAreNamedWithFileAndLine) {
  const auto refusal = [](const std::string& renames) -> std::string {
    try {
      load(kBefore + kAfter, renames);
    } catch (const Error& error) {
      return error.what();
    }
    return "";
  };
  const auto says = [&](const std::string& renames, const std::string& what) {
    const std::string found = refusal(renames);
    EXPECT_NE(found.find("renames.csv, line"), std::string::npos) << found;
    EXPECT_NE(found.find(what), std::string::npos) << found;
  };
  says("tomorrow,FB,META\n", "line 2, column 'date': YYYY-MM-DD is expected, found 'tomorrow'");
  says(kRename + "2022-06-09,FB,X\n", "line 3, column 'from': a symbol is given up on one day only once");
  says(kRename + "2022-06-09,X,META\n", "line 3, column 'to': a symbol is taken on one day by one only");
  says("2022-06-09,FB,FB\n", "another symbol than in 'from' is expected, found 'FB'");
  says("2022-06-09,FB,\n", "a symbol is expected, found ''");
}

}  // namespace
}  // namespace orrery::renamed_rows_test
