#include "orrery/data/membership.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/market/calendar.h"
#include "testing/shared_data.h"
#include "testing/temporary_folder.h"

namespace orrery::membership_test {
namespace {

MarketData january() {
  MarketData market;
  market.dates = find_calendar("XNYS").sessions(make_date(2018, 1, 2), make_date(2018, 1, 10));
  market.symbols = {"A", "B"};
  return market;
}

std::vector<MembershipInterval> read_text(const std::string& text) {
  const testing::TemporaryFolder folder;
  write_file_atomically(folder.path() / "members.csv", text);
  return read_membership(folder.path() / "members.csv");
}

TEST(Membership, BothEndsBelongAndSymbolsMayReturn) {
  const auto market = january();
  const auto intervals = read_text(
      "symbol,start,end\nA,2017-01-01,2018-01-03\nA,2018-01-08,\nB,2018-01-06,2018-01-07\nC,2018-01-02,\nD,"
      "2019-01-01,\n");
  const auto membership = membership_mask(intervals, market);
  std::string days_of_a;  // 2, 3, 4, 5, 8, 9, 10 January
  for (std::size_t row = 0; row < market.rows(); ++row) {
    days_of_a += membership.member(row, 0) == 1 ? 'x' : '.';
    EXPECT_EQ(membership.member(row, 1), 0) << "a weekend is no session";
  }
  EXPECT_EQ(days_of_a, "xx..xxx");
  EXPECT_EQ(membership.unknown_symbols, std::vector<std::string>{"C"}) << "D comes later";
}

TEST(Membership, BadRowsAreNamed) {
  EXPECT_THROW(read_text("symbol,start,end\nA,2018-13-01,\n"), Error);
  EXPECT_THROW(read_text("symbol,start,end\nA,,\n"), Error);
  EXPECT_THROW(read_text("symbol,start,end\nA,2018-01-02,2018-01-01\n"), Error);
  EXPECT_THROW(read_text("symbol,from,end\nA,2018-01-02,2018-01-01\n"), Error);
}

// Golden numbers: lines of the file, by wc and grep. AAL was a member from 1996-01-02 to 1997-01-15 and
// again from 2015-03-23 to 2024-09-23.
TEST(Membership, ReadsTheSharedIntervals) {
  ORRERY_SHARED_OR_SKIP(path, "data/universe_sp500/fja05680-sp500__sp500_ticker_start_end.csv");
  const auto intervals = read_membership(path);
  MarketData market;
  market.dates = {make_date(1996, 6, 3), make_date(2000, 6, 1), make_date(2018, 6, 1)};
  market.symbols = {"AAL"};
  const auto membership = membership_mask(intervals, market);
  EXPECT_EQ(membership.member(0, 0), 1);
  EXPECT_EQ(membership.member(1, 0), 0);
  EXPECT_EQ(membership.member(2, 0), 1);
  EXPECT_EQ(intervals.size(), 1230u);
}

TEST(Membership, IsCutWhereASymbolChangedHands) {
  const Date kJanuary = make_date(2022, 1, 31), kJune = make_date(2022, 6, 9);
  const Identities facebook({{"FB", "META", kJune}, {"META", "METV", kJanuary}});
  const auto cut = members_by_name({{"FB", make_date(2013, 12, 23), kJune - 1},
                                    {"META", kJune, make_date(9999, 12, 31)},
                                    {"META", make_date(2021, 7, 1), kJune + 5}},
                                   facebook);
  ASSERT_EQ(cut.size(), 4u);
  EXPECT_EQ(cut[0].symbol, "META");
  EXPECT_EQ(cut[1].symbol, "META");
  EXPECT_EQ(cut[2].symbol, "METV");
  EXPECT_EQ(cut[2].end, kJanuary - 1);
  EXPECT_EQ(cut[3].symbol, "META");
  EXPECT_EQ(cut[3].start, kJanuary);
}

}  // namespace
}  // namespace orrery::membership_test
