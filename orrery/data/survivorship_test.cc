#include "orrery/data/survivorship.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/data/prices.h"
#include "testing/shared_data.h"

namespace orrery::survivorship_test {
namespace {

/// Sessions 28 and 29 December 2017, 2 and 3 January 2018; A and B have every bar, C starts in 2018.
MarketData turn_of_year() {
  MarketData market;
  market.dates = {make_date(2017, 12, 28), make_date(2017, 12, 29), make_date(2018, 1, 2),
                  make_date(2018, 1, 3)};
  market.symbols = {"A", "B", "C"};
  market.present = MaskPanel(4, 3, 1);
  market.present(0, 2) = market.present(1, 2) = 0;
  market.first_row = {0, 0, 2};
  market.last_row = {3, 3, 3};
  return market;
}

Date day(int month, int of_month) { return make_date(month == 12 ? 2017 : 2018, month, of_month); }

TEST(Survivorship, CountsMembersAndRowsOfEachYear) {
  const std::vector<MembershipInterval> intervals = {
      {"A", day(1, 2), day(1, 2)},                   // joins late, leaves again
      {"B", make_date(2010, 1, 1), day(1, 3)},       // belongs throughout
      {"GONE", make_date(2010, 1, 1), day(12, 28)},  // left before 2018, no bar in the file
      {"GONE", day(1, 3), make_date(9999, 12, 31)},  // and came back: still one name
      {"OLD", make_date(2001, 1, 1), make_date(2002, 1, 1)},
      {"LATER", make_date(2019, 1, 1), make_date(9999, 12, 31)}};
  const auto found = measure_survivorship(intervals, turn_of_year());
  ASSERT_TRUE(found.index.has_value());
  EXPECT_EQ(found.index->members, 3u);  // A, B, GONE
  EXPECT_EQ(found.index->members_without_prices, 1u);
  EXPECT_EQ(found.index->rows, 10u);
  EXPECT_EQ(found.index->rows_before_joining, 2u);  // A in 2017
  EXPECT_EQ(found.index->rows_after_leaving, 3u);   // A on 3 January; C never belongs
  ASSERT_EQ(found.years.size(), 2u);
  EXPECT_EQ(found.years[0].members, 2u);  // B, GONE
  EXPECT_EQ(found.years[0].rows, 4u);
  EXPECT_DOUBLE_EQ(found.years[0].not_yet_share(), 0.5);
  EXPECT_EQ(found.years[1].members, 3u);
  EXPECT_EQ(found.years[1].rows_before_joining, 0u);
  EXPECT_EQ(found.names_starting_later, 1u);
  EXPECT_EQ(found.names_ending_early, 0u);
}

TEST(Survivorship, ANameThatWillJoinAfterTheDataIsNotYetIn) {
  const auto found =
      measure_survivorship({{"C", make_date(2019, 1, 1), make_date(9999, 12, 31)}}, turn_of_year());
  EXPECT_EQ(found.index->rows_before_joining, 2u);
  EXPECT_EQ(found.index->rows_after_leaving, 8u);
  EXPECT_TRUE(std::isnan(found.index->absent_share())) << "nobody belongs within the span";
}

TEST(Survivorship, WithoutAnIndexNothingIsSaidOfMembers) {
  const auto found = measure_survivorship({}, turn_of_year());
  EXPECT_EQ(found.names, 3u);
  EXPECT_FALSE(found.index.has_value());
  EXPECT_TRUE(found.years.empty());
}

// Golden numbers: pandas 2.2.3 on the same two files, with p the prices less the one row that load_prices
// puts aside, m the intervals (an empty end is 2099-12-31), a and b the first and last date of the span in p:
//   t = set(m[(m.start_date <= b) & (m.end_date >= a)].ticker); len(t), len(t - set(p.symbol))
//   x = p.merge(m, left_on="symbol", right_on="ticker"); x = x[(x.start_date <= x.date) & (x.date <=
//   x.end_date)] the rows of p whose (date, symbol) is not in x; of these, those with an interval whose
//   start_date > date
TEST(Survivorship, FindsWhatIsMissingFromTheSharedFile) {
  ORRERY_SHARED_OR_SKIP(prices, "data/daily_sp500_2015_2018/ohlcv.parquet");
  ORRERY_SHARED_OR_SKIP(members, "data/universe_sp500/fja05680-sp500__sp500_ticker_start_end.csv");
  PriceSource source;
  source.path = prices;
  const auto found = measure_survivorship(read_membership(members), load_prices(source).market);
  ASSERT_TRUE(found.index.has_value());
  EXPECT_EQ(found.index->members, 610u);
  EXPECT_EQ(found.index->members_without_prices, 132u);
  EXPECT_EQ(found.index->rows_before_joining, 27273u);
  EXPECT_EQ(found.index->rows_after_leaving, 1147u);
  const std::size_t year_members[] = {529, 533, 533, 529};
  const std::size_t year_absent[] = {106, 82, 56, 51};
  const std::size_t year_not_yet[] = {15262, 9231, 2748, 32};
  ASSERT_EQ(found.years.size(), 4u);
  for (std::size_t y = 0; y < 4; ++y) {
    EXPECT_EQ(found.years[y].members, year_members[y]) << y;
    EXPECT_EQ(found.years[y].members_without_prices, year_absent[y]) << y;
    EXPECT_EQ(found.years[y].rows_before_joining, year_not_yet[y]) << y;
  }
  EXPECT_NEAR(found.years[0].not_yet_share(), 0.133, 0.0005);
  EXPECT_EQ(found.names, 478u);
  EXPECT_EQ(found.names_ending_early, 7u);
}

}  // namespace
}  // namespace orrery::survivorship_test
