#include "orrery/data/funding_rates.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/prices.h"
#include "testing/error_message.h"
#include "testing/shared_data.h"
#include "testing/small_market.h"
#include "testing/temporary_folder.h"

namespace orrery::funding_rates_test {
namespace {

using testing::message_of;
using testing::TemporaryFolder;

/// Two names on Wednesday 2020-01-01 to Friday, A and P.
MarketData three_days() { return testing::make_market({{"A", {1.0, 1.0, 1.0}}, {"P", {10.0, 10.0, 10.0}}}); }

struct Files {
  TemporaryFolder folder;

  FundingFile with(const std::string& rates, const std::string& marks = "") {
    FundingFile file{"P", folder.path() / "rates.csv", {}};
    write_file_atomically(file.rates, rates);
    if (marks.empty()) return file;
    file.marks = folder.path() / "marks.csv";
    write_file_atomically(file.marks, marks);
    return file;
  }
};

constexpr const char* kHeader = "date,funding_rate,mark_price\n";

TEST(FundingRates, ALateStampBelongsToItsHour) {
  Files files;
  MarketData market = three_days();
  const auto counts =
      add_funding(files.with(std::string(kHeader) + "2020-01-02 08:00:00,-0.0002,10.6\n"
                                                    "2020-01-02T00:00:00.017Z,0.0001,10.5\n"
                                                    "1577980799990,0.0003,10.7\n"),  // 15:59:59.990
                  market);
  EXPECT_EQ(counts.payments, 3u);
  EXPECT_EQ(counts.outside, 0u);
  ASSERT_EQ(market.funding.size(), 3u);
  const char* moments[] = {"2020-01-02T00:00:00Z", "2020-01-02T08:00:00Z", "2020-01-02T16:00:00Z"};
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_EQ(to_string(market.funding[i].moment), moments[i]);
    EXPECT_EQ(market.funding[i].row, 1u);
    EXPECT_EQ(market.funding[i].instrument, 1u);
    EXPECT_EQ(market.funding[i].mark, 10.5 + 0.1 * static_cast<double>(i));
  }
}

TEST(FundingRates, ARateIsSeenOnTheSessionInWhichItBecameKnown) {
  Files files;
  MarketData market = three_days();
  add_funding(files.with(std::string(kHeader) +
                         "2020-01-01 16:00:00,0.0001,10\n"
                         "2020-01-02 00:00:00,0.0002,10\n"        // the first moment of session 1: known then
                         "2020-01-02 23:59:59.990,0.0004,10\n"),  // funding of session 2, not known before it
              market);
  const Panel& field = market.field(kFundingField);
  EXPECT_EQ(field(0, 1), 0.0001);
  EXPECT_EQ(field(1, 1), 0.0002);
  EXPECT_EQ(field(2, 1), 0.0004);
  EXPECT_EQ(market.funding.back().row, 2u);
  for (std::size_t row = 0; row < 3; ++row) EXPECT_TRUE(std::isnan(field(row, 0))) << "no funding at all";
}

TEST(FundingRates, AColumnKnownDecidesWhenARateIsSeenButNotWhenItIsPaid) {
  Files files;
  MarketData market = three_days();
  add_funding(files.with("date,funding_rate,mark,known\n"
                         "2020-01-01 08:00:00,0.0001,10,2020-01-02 01:00:00\n"),
              market);
  EXPECT_EQ(market.funding[0].row, 0u);
  EXPECT_TRUE(std::isnan(market.field(kFundingField)(0, 1)));
  EXPECT_EQ(market.field(kFundingField)(1, 1), 0.0001);
}

TEST(FundingRates, OfDaysWithoutASessionArePaidOnTheNext) {
  Files files;
  MarketData market = testing::make_market({{"P", {10, 10, 10, 10}}});  // Wednesday to Friday, Monday
  const auto counts = add_funding(files.with(std::string(kHeader) + "2020-01-04 08:00:00,0.0001,10\n"
                                                                    "2019-12-31 16:00:00,0.0001,10\n"
                                                                    "2020-01-07 00:00:00,0.0001,10\n"),
                                  market);
  EXPECT_EQ(counts.payments, 1u);
  EXPECT_EQ(counts.outside, 2u);
  EXPECT_EQ(market.funding[0].row, 3u);
}

// Bars of 8 hours: at their beginning the open; within one its open, since its close is not yet; after the
// last the close.
TEST(FundingRates, TakesMarksFromBarsWithoutLookingAhead) {
  Files files;
  MarketData market = three_days();
  const auto counts = add_funding(files.with("date,rate\n"
                                             "2020-01-01 08:00:00,0.0001\n"
                                             "2020-01-01 12:00:00,0.0001\n"
                                             "2020-01-01 16:00:00,0.0001\n"
                                             "2020-01-02 16:00:00,0.0001\n",
                                             "date,open,high,low,close\n"
                                             "2020-01-01 00:00:00,10,11,9,10.5\n"
                                             "2020-01-01 08:00:00,10.6,12,10,11\n"),
                                  market);
  EXPECT_EQ(market.funding[0].mark, 10.6);
  EXPECT_EQ(market.funding[1].mark, 10.6);
  EXPECT_EQ(market.funding[2].mark, 11.0) << "the bar ends at the moment";
  EXPECT_EQ(market.funding[3].mark, 11.0);
  EXPECT_EQ(counts.stale, 1u);
}

TEST(FundingRates, SayWhatIsWrongAndWhere) {
  const struct {
    const char* rates;
    const char* says;
  } cases[] = {
      {"2020-01-01 08:30:00,0.0001,10\n", "line 2: funding is paid at a full hour"},
      {"2020-01-01 08:00:00,0.0001,10\n2020-01-01 08:00:00.5,0.0001,10\n",
       "line 3: 2020-01-01T08:00:00Z has a rate"},
      {"2020-01-01 08:00:00,much,10\n", "line 2, column 'funding_rate': a number is expected, found 'much'"},
      {"yesterday,0.0001,10\n", "line 2, column 'date': a moment such as"},
      {"2020-01-01 08:00:00,0.0001,0\n", "line 2: a mark price must be above 0; found 0"},
  };
  for (const auto& one : cases) {
    Files files;
    MarketData market = three_days();
    const auto said = message_of([&] { add_funding(files.with(std::string(kHeader) + one.rates), market); });
    EXPECT_NE(said.find(one.says), std::string::npos) << said;
  }
  Files files;
  MarketData market = three_days();
  auto file = files.with("date,rate\n2020-01-01,0.0001\n");
  EXPECT_NE(message_of([&] { add_funding(file, market); }).find("no file of marks is given for P"),
            std::string::npos);
  file =
      files.with("date,rate\n2020-01-01,0.0001\n", "date,open,high,low,close\n2020-01-01 08:00:00,1,1,1,1\n");
  EXPECT_NE(message_of([&] { add_funding(file, market); }).find("no mark price at 2020-01-01T00:00:00Z"),
            std::string::npos);
  file.symbol = "p";
  EXPECT_NE(message_of([&] { add_funding(file, market); }).find("did you mean 'P'"), std::string::npos);
}

// What freqtrade has of XRP: bars of 8 hours, of which the last day has one, and rates in a column `open`,
// some stamped milliseconds late. Sums by pandas: `rates[rates.date < "2021-12-18"].open.sum()` and the
// products with the opens of the bars of the same hours.
TEST(FundingRates, ReadWhatFreqtradeKeeps) {
  ORRERY_SHARED_OR_SKIP(folder, "data/freqtrade");
  PriceSource source;
  source.calendar = "24/7";
  const auto bars = folder / "XRP_USDT_USDT-8h-mark.feather";
  source.bars = {{"XRP", bars}, {"XRP_PERP", bars}};
  source.funding = {{"XRP_PERP", folder / "XRP_USDT_USDT-8h-funding_rate.feather", bars}};
  const PriceLoad load = load_prices(source);
  EXPECT_EQ(load.market.rows(), 30u);
  EXPECT_EQ(load.summary.incomplete_days, 2u);  // one of each name
  EXPECT_EQ(load.summary.funding_payments, 90u);
  EXPECT_EQ(load.summary.unused_funding_rates, 1u);
  double rates = 0.0, values = 0.0, seen = 0.0;
  for (const auto& payment : load.market.funding) {
    rates += payment.rate;
    values += payment.rate * payment.mark;
  }
  for (std::size_t row = 0; row < 30; ++row) seen += load.market.field(kFundingField)(row, 1);
  EXPECT_NEAR(rates, 0.007864120000000002, 1e-15);
  EXPECT_NEAR(values, 0.007951580148, 1e-15);
  EXPECT_NEAR(seen, 0.007864120000000002, 1e-15);
  EXPECT_EQ(load.market.raw_field("close")(0, 0), 1.0410);
  EXPECT_EQ(load.market.raw_field("high")(0, 0), 1.1620);
  EXPECT_EQ(load.market.raw_field("volume")(0, 0), 523374743.8 + 429699821.4 + 417701240.6);
}

TEST(BarFiles, FoldIntoDaysAndLeaveOutThoseThatAreNoneYet) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "bars.csv";
  write_file_atomically(file,
                        "open_time,open,high,low,close,volume\n"
                        "2020-01-02T12:00:00Z,3,5,2,4,20\n"
                        "2020-01-02T00:00:00Z,2,3,1,3,10\n"
                        "2020-01-01T12:00:00Z,9,9,9,9,9\n"    // the day's first half is missing
                        "2020-01-03T00:00:00Z,4,4,4,4,\n"     // a gap after it, but not at the file's end
                        "2020-01-04T00:00:00Z,5,6,4,6,1\n");  // ends at noon
  PriceSource source;
  source.calendar = "24/7";
  source.bars = {{"A", file}};
  const PriceLoad load = load_prices(source);
  EXPECT_EQ(load.summary.incomplete_days, 2u);
  EXPECT_EQ(load.market.dates, (std::vector<Date>{make_date(2020, 1, 2), make_date(2020, 1, 3)}));
  EXPECT_EQ(load.market.raw_field("open")(0, 0), 2.0);
  EXPECT_EQ(load.market.raw_field("high")(0, 0), 5.0);
  EXPECT_EQ(load.market.raw_field("low")(0, 0), 1.0);
  EXPECT_EQ(load.market.raw_field("close")(0, 0), 4.0);
  EXPECT_EQ(load.market.raw_field("volume")(0, 0), 30.0);
}

TEST(BarFiles, SayWhatIsWrongAndWhere) {
  const TemporaryFolder folder;
  const auto file = folder.path() / "bars.csv";
  const auto said = [&](const std::string& rows) {
    write_file_atomically(file, "date,open,high,low,close,volume\n" + rows);
    return message_of([&] { read_timed_bars(file); });
  };
  EXPECT_NE(said("2020-01-02T12:00:00Z,3,2,2,4,20\n").find("line 2: a bar needs"), std::string::npos);
  EXPECT_NE(said("2020-01-02T12:00:00Z,0,2,0,1,20\n").find("line 2: a bar needs"), std::string::npos);
  EXPECT_NE(said("2020-01-02,1,1,1,1,1\n2020-01-02,1,1,1,1,1\n").find("two bars begin at one moment"),
            std::string::npos);
  EXPECT_NE(said("2020-01-02,1,1,1,1,1\n2020-01-09,1,1,1,1,1\n").find("bars of a day or less"),
            std::string::npos);
  EXPECT_NE(said("").find("holds no bar"), std::string::npos);
}

}  // namespace
}  // namespace orrery::funding_rates_test
