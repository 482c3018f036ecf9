#include "orrery/data/lean_files.h"

#include <gtest/gtest.h>

#include "orrery/base/timestamp.h"

// Against the whole of LEAN's own archives: apps/cli/import_files_test.py.

namespace orrery::lean_files_test {
namespace {

LeanFile file(const std::string& path) { return *describe_lean_file(path); }

std::string time_text(std::int64_t nanoseconds) { return to_string(Timestamp{nanoseconds}); }

TEST(LeanFiles, PathsTellWhatIsInThem) {
  const auto daily = file("Data/equity/usa/daily/brk.b.zip");
  EXPECT_EQ(daily.asset + " " + daily.market + " " + daily.resolution, "equity usa daily");
  EXPECT_EQ(daily.ticker, "BRK.B");
  EXPECT_EQ(daily.kind, "trade");
  EXPECT_EQ(frequency_of(daily), "1d");
  const auto minute = file("crypto/coinbase/minute/btcusd/20170904_quote.zip");
  EXPECT_EQ(minute.ticker + " " + minute.kind, "BTCUSD quote");
  EXPECT_EQ(to_string(*minute.day), "2017-09-04");
  EXPECT_EQ(file("forex/fxcm/daily/eurusd.zip").kind, "quote");
  for (const auto* other :
       {"aapl.zip", "equity/usa/weekly/aapl.zip", "equity/usa/daily/aapl.csv",
        "equity/usa/minute/aapl/20171399_trade.zip", "equity/usa/minute/aapl/trade.zip"}) {
    EXPECT_FALSE(describe_lean_file(other)) << other;
  }
}

TEST(LeanFiles, SaysWhyAKindIsNotTaken) {
  EXPECT_EQ(why_not_taken(file("equity/usa/hour/aapl.zip")), "");
  EXPECT_EQ(why_not_taken(file("crypto/coinbase/minute/btcusd/20170904_trade.zip")), "");
  EXPECT_EQ(why_not_taken(file("crypto/coinbase/daily/btcusd_quote.zip")), "bars of quotes");
  EXPECT_EQ(why_not_taken(file("equity/usa/tick/ibm/20131011_trade.zip")), "ticks");
  EXPECT_EQ(why_not_taken(file("future/cme/daily/es_trade.zip")), "future of cme");
}

// The example of LEAN's Data/equity/readme.md: 15300000,6448000,…,90, at 4:15 in the morning in New York.
TEST(LeanFiles, TheExampleOfItsDocument) {
  LeanBars bars;
  std::vector<LeanFault> faults;
  read_lean_bars(file("equity/usa/minute/aapl/20140605_trade.zip"),
                 "15300000,6448000,6448000,6448000,6448000,90\r\n", bars, faults);
  ASSERT_EQ(bars.size(), 1u);
  EXPECT_TRUE(faults.empty());
  EXPECT_EQ(bars.close[0], 644.80);
  EXPECT_EQ(bars.volume[0], 90.0);
  EXPECT_EQ(time_text(bars.open_time[0]), "2014-06-05T08:15:00Z");
  EXPECT_EQ(time_text(bars.close_time[0]), "2014-06-05T08:16:00Z");
  EXPECT_EQ(to_string(bars.date[0]), "2014-06-05");
}

TEST(LeanFiles, DaysOfStocksHaveTheTimesOfTheirSession) {
  LeanBars bars;
  std::vector<LeanFault> faults;
  read_lean_bars(file("equity/usa/daily/spy.zip"),
                 "20240103 00:00,10000,10000,10000,10000,1\n20240703 00:00,10000,10000,10000,10000,1", bars,
                 faults);
  ASSERT_EQ(bars.size(), 2u);
  EXPECT_EQ(time_text(bars.open_time[0]), "2024-01-03T14:30:00Z");
  EXPECT_EQ(time_text(bars.close_time[0]), "2024-01-03T21:00:00Z");
  EXPECT_EQ(time_text(bars.close_time[1]), "2024-07-03T17:00:00Z");  // an early close
}

TEST(LeanFiles, BadLinesAreNotedAndTheOthersKept) {
  LeanBars bars;
  std::vector<LeanFault> faults;
  read_lean_bars(file("equity/usa/daily/spy.zip"),
                 "20240103 00:00,10000,10000,10000,10000,1\n"
                 "20240104 00:00,10000,10000,10000,10000\n"
                 "20241304 00:00,10000,10000,10000,10000,1\n"
                 "20240105 00:00,10000,9000,10000,10000,1\n"
                 "20240105 25:00,10000,10000,10000,10000,1\n"
                 "20240108 00:00,10000,10000,10000,10000,-1\n"
                 "\n20240109 00:00,10000,10000,10000,10000,1\n",
                 bars, faults);
  EXPECT_EQ(bars.size(), 2u);
  ASSERT_EQ(faults.size(), 5u);
  EXPECT_EQ(faults[0].reason, "wrong number of fields");
  EXPECT_EQ(faults[1].reason, "unreadable time");
  EXPECT_EQ(faults[2].reason, "high below another price");
  EXPECT_EQ(faults[2].line, 4);
  EXPECT_EQ(faults[3].found, "20240105 25:00");
  EXPECT_EQ(faults[4].reason, "negative volume");
  EXPECT_EQ(to_string(*faults[4].date), "2024-01-08");
}

}  // namespace
}  // namespace orrery::lean_files_test
