#include "orrery/data/prices.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/random.h"
#include "orrery/data/parquet.h"
#include "testing/same_market.h"
#include "testing/shared_data.h"
#include "testing/temporary_folder.h"

namespace orrery::prices_test {
namespace {

using testing::expect_same_market;
using testing::same_bits;
using testing::TemporaryFolder;

PriceLoad load_text(const TemporaryFolder& folder, const std::string& text,
                    const std::string& calendar = "XNYS") {
  PriceSource source;
  source.path = folder.path() / "prices.csv";
  source.calendar = calendar;
  write_file_atomically(source.path, text);
  return load_prices(source);
}

std::string text_of(const Table& table, const std::string& column, std::size_t row) {
  const auto& strings = std::get<DictionaryStrings>(table.column(column).values);
  return strings.dictionary[static_cast<std::size_t>(strings.codes[row])];
}

std::int64_t line_of(const Table& table, std::size_t row) {
  return std::get<std::vector<std::int64_t>>(table.column("line").values)[row];
}

/// Bit by bit, so that NaN equals NaN.
constexpr const char* kHeader = "date,symbol,open,high,low,close,volume\n";

TEST(Prices, ReadsAPlainFile) {
  const TemporaryFolder folder;
  const auto load = load_text(folder, std::string(kHeader) +
                                          "2018-01-02,B,10,12,9,11,100\n"
                                          "2018-01-04,B,11,12,10,10.5,0\n"
                                          "2018-01-03,A,1,2,0.5,1.5,1e3\n");
  const auto& market = load.market;
  EXPECT_EQ(market.symbols, (std::vector<std::string>{"A", "B"}));
  EXPECT_EQ(market.dates,
            (std::vector<Date>{make_date(2018, 1, 2), make_date(2018, 1, 3), make_date(2018, 1, 4)}));
  EXPECT_EQ(market.field("close")(0, 1), 11.0);
  EXPECT_TRUE(std::isnan(market.field("close")(1, 1))) << "nothing is filled forward";
  EXPECT_EQ(market.field("vwap")(0, 1), (12.0 + 9.0 + 11.0) / 3.0);
  EXPECT_EQ(market.raw_field("volume")(1, 0), 1000.0);
  EXPECT_EQ(market.present(0, 1), 1);
  EXPECT_EQ(market.present(1, 1), 0);
  EXPECT_EQ(market.first_row, (std::vector<int>{1, 0}));
  EXPECT_EQ(market.last_row, (std::vector<int>{1, 2}));
  EXPECT_EQ(market.dividend(0, 0), 0.0);
  EXPECT_EQ(market.split_ratio(0, 0), 1.0);
  EXPECT_TRUE(market.delivered_adjusted);
  EXPECT_EQ(load.summary.rows_good, 3u);
  EXPECT_EQ(load.summary.zero_volume_rows, 1u);
  EXPECT_EQ(load.summary.missing_bars, 1u);
  EXPECT_EQ(load.summary.late_listings, 1u);
  EXPECT_EQ(load.summary.early_endings, 1u);
  EXPECT_EQ(load.quarantine.rows(), 0u);
  EXPECT_EQ(load.calendar.sessions_per_year(), 252.0);
}

struct BadRow {
  std::string line;
  std::string reason;
  std::string column;
  std::string found;
};

/// Line 3 is the bad one; lines 2, 4 and 5 are good.
class PricesBadRow : public ::testing::TestWithParam<BadRow> {};

TEST_P(PricesBadRow, GoesToTheQuarantineAndTheOthersGoOn) {
  const TemporaryFolder folder;
  const auto& bad = GetParam();
  const auto load = load_text(folder,
                              "date,symbol,open,high,low,close,volume,dividend,note\n"
                              "2018-01-02,A,10,12,9,11,100,,x\n" +
                                  bad.line +
                                  "\n2018-01-04,A,11,12,10,11,100,,x\n"
                                  "2018-01-02,B,11,12,10,11,100,,x\n");
  ASSERT_EQ(load.quarantine.rows(), 1u);
  EXPECT_EQ(line_of(load.quarantine, 0), 3);
  EXPECT_EQ(text_of(load.quarantine, "reason", 0), bad.reason);
  EXPECT_EQ(text_of(load.quarantine, "column", 0), bad.column);
  EXPECT_EQ(text_of(load.quarantine, "found", 0), bad.found);
  EXPECT_EQ(text_of(load.quarantine, "action", 0), "left out");
  EXPECT_EQ(load.summary.rows_read, 4u);
  EXPECT_EQ(load.summary.rows_good, 3u);
  EXPECT_EQ(load.summary.rows_quarantined, 1u);
  EXPECT_EQ(load.summary.ignored_columns, std::vector<std::string>{"note"});
}

INSTANTIATE_TEST_SUITE_P(
    Rules, PricesBadRow,
    ::testing::Values(BadRow{"2018-01-03,A,10,12,9,11,100", "wrong number of fields", "", "7"},
                      BadRow{"2018-01-03,A,10,12,9,11,100,,x,y", "wrong number of fields", "", "10"},
                      BadRow{"2018-01-03,\"A,10,12,9,11,100,,x", "quote not closed", "",
                             "2018-01-03,\"A,10,12,9,11,100,,x"},
                      BadRow{"2018-02-30,A,10,12,9,11,100,,x", "unparsable date", "date", "2018-02-30"},
                      BadRow{"01/03/2018,A,10,12,9,11,100,,x", "unparsable date", "date", "01/03/2018"},
                      BadRow{"9018-01-03,A,10,12,9,11,100,,x", "unparsable date", "date", "9018-01-03"},
                      BadRow{",A,10,12,9,11,100,,x", "empty field", "date", ""},
                      BadRow{"2018-01-03,,10,12,9,11,100,,x", "empty field", "symbol", ""},
                      BadRow{"2018-01-03,A\x01,10,12,9,11,100,,x", "unreadable symbol", "symbol", "A\\x01"},
                      BadRow{"2018-01-03,A\xFF,10,12,9,11,100,,x", "unreadable symbol", "symbol", "A\\xFF"},
                      BadRow{"2018-01-03,A,,12,9,11,100,,x", "empty field", "open", ""},
                      BadRow{"2018-01-03,A,10,NaN,9,11,100,,x", "empty field", "high", ""},
                      BadRow{"2018-01-03,A,10,12,9,11,,,x", "empty field", "volume", ""},
                      BadRow{"2018-01-03,A,10,12,9,eleven,100,,x", "non-numeric field", "close", "eleven"},
                      BadRow{"2018-01-03,A,10,inf,9,11,100,,x", "non-numeric field", "high", "inf"},
                      BadRow{"2018-01-03,A,10,12,9,11,100,1.2.3,x", "non-numeric field", "dividend", "1.2.3"},
                      BadRow{"2018-01-03,A,10,12,0,11,100,,x", "zero or negative price", "low", "0"},
                      BadRow{"2018-01-03,A,10,12,9,-11,100,,x", "zero or negative price", "close", "-11"},
                      BadRow{"2018-01-03,A,10,12,9,11,-1,,x", "negative volume", "volume", "-1"},
                      BadRow{"2018-01-03,A,10,12,9,11,100,-0.5,x", "impossible corporate action", "dividend",
                             "-0.5"},
                      BadRow{"2018-01-03,A,10,10.5,9,11,100,,x", "impossible bar", "high", "10.5"},
                      BadRow{"2018-01-03,A,10,12,10.5,11,100,,x", "impossible bar", "low", "10.5"},
                      BadRow{"2018-01-06,A,10,12,9,11,100,,x", "not a session of XNYS", "date", "2018-01-06"},
                      BadRow{"2018-01-04,A,10,12,9,11,100,,x", "duplicate key", "", "replaced by line 4"}));

TEST(Prices, OfTwoRowsWithOneKeyTheLastWins) {
  const TemporaryFolder folder;
  const auto load = load_text(folder, std::string(kHeader) +
                                          "2018-01-02,A,10,12,9,11,100\n"
                                          "2018-01-02,A,10,12,9,10,100\n"
                                          "2018-01-02,A,10,12,9,12,100\n"
                                          "2018-01-02,A,10,12,9,-1,100\n");
  EXPECT_EQ(load.market.field("close")(0, 0), 12.0) << "the last good one";
  EXPECT_EQ(load.summary.quarantined.at("duplicate key"), 2u);
  EXPECT_EQ(load.summary.quarantined.at("zero or negative price"), 1u);
}

TEST(Prices, RowsOutOfOrderAreNotedAndKept) {
  const TemporaryFolder folder;
  const auto load = load_text(folder, std::string(kHeader) +
                                          "2018-01-02,A,10,12,9,11,100\n"
                                          "2018-01-04,A,10,12,9,11,100\n"
                                          "2018-01-03,A,10,12,9,11,100\n"
                                          "2018-01-05,A,10,12,9,11,100\n");
  EXPECT_EQ(load.summary.rows_good, 4u);
  EXPECT_EQ(load.summary.out_of_order_rows, 1u);
  EXPECT_EQ(load.summary.rows_quarantined, 0u);
  ASSERT_EQ(load.quarantine.rows(), 1u);
  EXPECT_EQ(line_of(load.quarantine, 0), 4);
  EXPECT_EQ(text_of(load.quarantine, "reason", 0), "out-of-order date");
  EXPECT_EQ(text_of(load.quarantine, "action", 0), "kept");
  EXPECT_EQ(text_of(load.quarantine, "found", 0), "2018-01-03 after 2018-01-04");
}

TEST(Prices, AFileFromNewToOldIsInOrder) {
  const TemporaryFolder folder;
  const auto load = load_text(folder, std::string(kHeader) +
                                          "2018-01-04,A,10,12,9,11,100\n"
                                          "2018-01-03,A,10,12,9,11,100\n"
                                          "2018-01-02,A,10,12,9,11,100\n");
  EXPECT_EQ(load.summary.out_of_order_rows, 0u);
}

TEST(Prices, ASlipOfTheYearDoesNotStretchTheCalendar) {
  const TemporaryFolder folder;
  std::string text = kHeader;
  for (const Date day : find_calendar("XNYS").sessions(make_date(2017, 1, 1), make_date(2017, 12, 31))) {
    text += to_string(day) + ",A,10,12,9,11,100\n";
  }
  const auto load = load_text(folder, text + "2107-06-01,A,10,12,9,11,100\n");
  EXPECT_EQ(load.market.rows(), 251u);
  EXPECT_EQ(load.summary.quarantined.at("isolated date"), 1u);
}

TEST(Prices, ColumnsAreFoundUnderTheirUsualNames) {
  const TemporaryFolder folder;
  const auto load = load_text(
      folder,
      "\xEF\xBB\xBF\"Ticker\" , Date,Open,High,Low,Close,Adj Close,Volume,PE ratio,Rating,Stock Splits\r\n"
      "\"BRK,B\",2018-01-02,10,12,9,11,11,100,15.5,good,0\r\n"
      "\r\n"
      "\"BRK,B\",20180103,10,12,9,11,11,100,n/a,bad,0\r\n");
  EXPECT_EQ(load.market.symbols, std::vector<std::string>{"BRK,B"});
  EXPECT_EQ(load.summary.extra_fields, std::vector<std::string>{"PE_ratio"});
  EXPECT_EQ(load.summary.ignored_columns, std::vector<std::string>{"Rating"});
  EXPECT_EQ(load.market.field("PE_ratio")(0, 0), 15.5);
  EXPECT_TRUE(std::isnan(load.market.field("PE_ratio")(1, 0)));
  EXPECT_FALSE(load.market.delivered_adjusted);
  EXPECT_EQ(load.summary.rows_good, 2u);
}

TEST(Prices, AnUnreadableValueOfAFurtherFieldLeavesTheBar) {
  const TemporaryFolder folder;
  const auto load = load_text(folder,
                              "date,symbol,open,high,low,close,volume,beta\n"
                              "2018-01-02,A,10,12,9,11,100,1.5\n"
                              "2018-01-03,A,10,12,9,11,100,?\n"
                              "2018-01-04,A,10,12,9,11,100,\n");
  EXPECT_EQ(load.summary.rows_good, 3u);
  EXPECT_EQ(load.summary.unreadable_values.at("beta"), 1u);
}

TEST(Prices, AMissingColumnIsNamedWithWhatWasFound) {
  const TemporaryFolder folder;
  try {
    load_text(folder, "date,symbol,open,high,low,closing,volume\n2018-01-02,A,10,12,9,11,100\n");
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.code(), ErrorCode::kNotFound);
    const std::string message = error.what();
    EXPECT_NE(message.find("no column 'close'"), std::string::npos) << message;
    EXPECT_NE(message.find("found: date, symbol, open, high, low, closing, volume"), std::string::npos)
        << message;
  }
}

TEST(Prices, AFileWithoutAGoodRowIsRefused) {
  const TemporaryFolder folder;
  EXPECT_THROW(load_text(folder, kHeader), Error);
  EXPECT_THROW(load_text(folder, ""), Error);
  EXPECT_THROW(load_text(folder, std::string(kHeader) + "2018-01-06,A,10,12,9,11,100\n"), Error);
  PriceSource source;
  source.path = folder.path() / "absent.csv";
  EXPECT_THROW(load_prices(source), Error);
  source.path = folder.path() / "prices.xlsx";
  EXPECT_THROW(load_prices(source), Error);
}

TEST(Prices, TheCalendarOfTheFileHasTheDaysFound) {
  const TemporaryFolder folder;
  const auto load = load_text(folder,
                              std::string(kHeader) +
                                  "2018-01-06,BTC,10,12,9,11,100\n"
                                  "2018-01-08,BTC,10,12,9,11,100\n",
                              "file");
  EXPECT_EQ(load.market.rows(), 2u);
  const auto daily = load_text(folder,
                               std::string(kHeader) +
                                   "2018-01-06,BTC,10,12,9,11,100\n"
                                   "2018-01-08,BTC,10,12,9,11,100\n",
                               "24/7");
  EXPECT_EQ(daily.market.rows(), 3u);
  EXPECT_EQ(daily.summary.missing_sessions, std::vector<Date>{make_date(2018, 1, 7)});
}

TEST(Prices, SectorsAndDelistingsJoinBySymbol) {
  const TemporaryFolder folder;
  PriceSource source;
  source.path = folder.path() / "prices.csv";
  source.sectors = folder.path() / "sectors.csv";
  source.delistings = folder.path() / "delistings.csv";
  write_file_atomically(source.path, std::string(kHeader) +
                                         "2018-01-02,A,10,12,9,11,100\n2018-01-02,B,10,12,9,11,100\n"
                                         "2018-01-02,C,10,12,9,11,100\n2018-01-08,A,10,12,9,11,100\n");
  write_file_atomically(source.sectors, "symbol,sector\nA,Energy\nB,\"Health, Care\"\nZ,Banks\n");
  write_file_atomically(source.delistings,
                        "symbol,date,return,reason\nC,2018-01-04,,\nB,2018-01-06,,performance\n"
                        "A,2018-01-03,0.02,merger\nZ,2018-01-03,,merger\nA,2019-01-03,,merger\n");
  const auto load = load_prices(source);
  EXPECT_EQ(load.market.sectors, (std::vector<std::string>{"Energy", "Health, Care", ""}));
  EXPECT_EQ(load.summary.symbols_without_sector, 1u);
  ASSERT_EQ(load.market.delistings.size(), 3u);
  EXPECT_EQ(load.market.delistings[0].delisting_return, 0.02);
  EXPECT_EQ(load.market.delistings[1].row, 4u) << "Saturday the 6th: closed on Monday the 8th";
  EXPECT_EQ(load.market.delistings[1].delisting_return, -0.30);
  EXPECT_EQ(load.market.delistings[2].reason, "unknown");
  EXPECT_EQ(load.summary.unused_delistings, 2u);
}

TEST(Prices, TheFingerprintFollowsBytesAndOptions) {
  const TemporaryFolder folder;
  const std::string text = std::string(kHeader) + "2018-01-02,A,10,12,9,11,100\n";
  const auto first = load_text(folder, text).fingerprint;
  EXPECT_EQ(first.size(), 32u);
  EXPECT_EQ(load_text(folder, text).fingerprint, first);
  EXPECT_NE(load_text(folder, text + "\n").fingerprint, first);
  EXPECT_NE(load_text(folder, text, "24/7").fingerprint, first);
}

// ---- Adjustment
// -------------------------------------------------------------------------------------------------

/// Rounds as price files do.
std::string six_decimals(double value) { return fmt::format("{:.6f}", value); }

/// A year of one stock as a provider with backward adjusted closes would deliver it on the evening of session
/// `last`: dividends of 0.35 every 50 sessions and a 3-for-2 split on session 120.
std::string adjusted_file(std::size_t last) {
  const auto days = find_calendar("XNYS").sessions(make_date(2016, 1, 1), make_date(2016, 12, 31));
  Random random(5);
  std::vector<double> close;
  for (std::size_t t = 0; t <= last; ++t) {
    const double before = t == 0 ? 90.0 : close.back() / (t == 120 ? 1.5 : 1.0);
    close.push_back(std::round(before * std::exp(0.01 * random.normal()) * 100.0) / 100.0);
  }
  std::vector<double> multiplier(close.size(), 1.0);
  for (std::size_t t = last; t > 0; --t) {
    const double dividend = t % 50 == 0 ? 0.35 : 0.0;
    multiplier[t - 1] = multiplier[t] * (1.0 - dividend / close[t - 1]) / (t == 120 ? 1.5 : 1.0);
  }
  std::string text = "date,symbol,open,high,low,close,volume,adj_close\n";
  for (std::size_t t = 0; t <= last; ++t) {
    const auto price = six_decimals(close[t]);
    text += fmt::format("{},A,{},{},{},{},1000,{}\n", to_string(days[t]), price, price, price, price,
                        six_decimals(close[t] * multiplier[t]));
  }
  return text;
}

TEST(PricesAdjusted, DividendsAndSplitsAreDerivedFromTheAdjustedClose) {
  const TemporaryFolder folder;
  const auto load = load_text(folder, adjusted_file(249));
  const auto& market = load.market;
  EXPECT_EQ(load.summary.dividends, 4u);
  EXPECT_EQ(load.summary.splits, 1u);
  EXPECT_EQ(load.summary.unexplained_adjustments, 0u);
  for (std::size_t t = 0; t < market.rows(); ++t) {
    EXPECT_EQ(market.dividend(t, 0), t > 0 && t % 50 == 0 ? 0.35 : 0.0) << t;
    EXPECT_EQ(market.split_ratio(t, 0), t == 120 ? 1.5 : 1.0) << t;
  }
  EXPECT_EQ(market.field("close")(0, 0), market.raw_field("close")(0, 0)) << "the factor starts at 1";
  EXPECT_GT(market.field("close")(249, 0), market.raw_field("close")(249, 0) * 1.5);
  EXPECT_DOUBLE_EQ(market.field("volume")(249, 0) * market.field("close")(249, 0),
                   1000.0 * market.raw_field("close")(249, 0));
}

// The source rescales (and rounds anew) its whole column after each dividend; the past must keep its bits.
TEST(PricesAdjusted, AddingDaysNeverChangesThePast) {
  const TemporaryFolder folder;
  const auto all = load_text(folder, adjusted_file(249)).market;
  for (const std::size_t last : {49, 50, 99, 100, 119, 120, 121, 200}) {
    const auto past = load_text(folder, adjusted_file(last)).market;
    ASSERT_EQ(past.rows(), last + 1);
    for (const auto& [name, panel] : past.fields) {
      EXPECT_TRUE(same_bits(panel, all.field(name), last + 1)) << name << " as of " << last;
    }
    EXPECT_TRUE(same_bits(past.dividend, all.dividend, last + 1));
    EXPECT_TRUE(same_bits(past.split_ratio, all.split_ratio, last + 1));
  }
}

TEST(PricesAdjusted, GivenActionsAreUsedWithoutAnAdjustedClose) {
  const TemporaryFolder folder;
  const auto load = load_text(folder,
                              "date,symbol,open,high,low,close,volume,dividend,split_ratio\n"
                              "2018-01-02,A,100,100,100,100,10,,\n"
                              "2018-01-03,A,99,99,99,99,10,1,1\n"
                              "2018-01-04,A,50,50,50,50,20,0,2\n");
  const auto& close = load.market.field("close");
  EXPECT_DOUBLE_EQ(close(1, 0), 100.0) << "99 after a dividend of 1 on 100 is a return of zero";
  EXPECT_DOUBLE_EQ(close(2, 0), 100.0 / 99.0 * 2.0 * 50.0);
  EXPECT_DOUBLE_EQ(load.market.field("volume")(2, 0), 20.0 / (2.0 * 100.0 / 99.0));
  EXPECT_EQ(load.market.dividend(1, 0), 1.0);
  EXPECT_EQ(load.market.split_ratio(2, 0), 2.0);
  EXPECT_FALSE(load.market.delivered_adjusted);
}

// Yahoo lists splits beside closes that already carry them: adj_close shows no step, so none is booked.
TEST(PricesAdjusted, AGivenSplitThatTheAdjustedCloseDoesNotShowIsNotBooked) {
  const TemporaryFolder folder;
  const auto load = load_text(folder,
                              "Date,Ticker,Open,High,Low,Close,Adj Close,Volume,Dividends,Stock Splits\n"
                              "2018-01-02,A,100,100,100,100,99.0,10,0,0\n"
                              "2018-01-03,A,101,101,101,101,99.99,10,0,2\n"
                              "2018-01-04,A,100,100,100,100,100,10,1.01,0\n");
  EXPECT_EQ(load.summary.unconfirmed_actions, 1u);
  EXPECT_EQ(load.summary.splits, 0u);
  EXPECT_EQ(load.market.split_ratio(1, 0), 1.0);
  EXPECT_EQ(load.market.dividend(2, 0), 1.01);
}

TEST(PricesAdjusted, BackwardAndNoneDoWhatTheirNamesSay) {
  const TemporaryFolder folder;
  PriceSource source;
  source.path = folder.path() / "prices.csv";
  write_file_atomically(source.path, adjusted_file(249));
  source.adjustment = Adjustment::kBackward;
  const auto backward = load_prices(source);
  EXPECT_EQ(backward.market.field("close")(249, 0), backward.market.raw_field("close")(249, 0));
  EXPECT_LT(backward.market.field("close")(0, 0), backward.market.raw_field("close")(0, 0) / 1.5);
  source.adjustment = Adjustment::kNone;
  const auto none = load_prices(source);
  EXPECT_TRUE(same_bits(none.market.field("close"), none.market.raw_field("close"), 250));
  EXPECT_NE(none.fingerprint, backward.fingerprint);
}

// ---- Properties
// -------------------------------------------------------------------------------------------------

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  for (std::size_t start = 0; start < text.size();) {
    const auto end = text.find('\n', start);
    lines.push_back(text.substr(start, end - start + 1));
    start = end + 1;
  }
  return lines;
}

/// A file of some symbols with bars missing here and there.
std::string random_file(Random random, std::size_t symbols) {
  const auto days = find_calendar("XNYS").sessions(make_date(2017, 3, 1), make_date(2017, 9, 1));
  std::string text = "date,symbol,open,high,low,close,adj_close,volume,beta\n";
  for (std::size_t i = 0; i < symbols; ++i) {
    double close = 20.0 + static_cast<double>(i);
    for (const Date day : days) {
      const double open = close;
      close *= std::exp(0.02 * random.normal());
      if (random.uniform() < 0.05) continue;
      text += fmt::format("{},S{},{:.4f},{:.4f},{:.4f},{:.4f},{:.4f},{},{:.3f}\n", to_string(day), i, open,
                          std::max(open, close) + 0.1, std::min(open, close) - 0.1, close, close / 2,
                          random.below(100000), random.normal());
    }
  }
  return text;
}

void shuffle(std::vector<std::string>& lines, Random random) {
  for (std::size_t i = lines.size() - 1; i > 1; --i) std::swap(lines[i], lines[1 + random.below(i)]);
}

TEST(PricesProperty, TheOrderOfRowsDoesNotMatter) {
  const TemporaryFolder folder;
  const auto text = random_file(Random(3), 20);
  const auto sorted = load_text(folder, text);
  auto lines = lines_of(text);
  shuffle(lines, Random(4));
  std::string shuffled;
  for (const auto& line : lines) shuffled += line;
  const auto load = load_text(folder, shuffled);
  expect_same_market(sorted.market, load.market);
  EXPECT_GT(load.summary.out_of_order_rows, 0u);
  EXPECT_EQ(load.summary.rows_good, sorted.summary.rows_good);
}

TEST(PricesProperty, DamagedBytesNeverCrashAndEveryRowIsAccountedFor) {
  const TemporaryFolder folder;
  const auto text = random_file(Random(5), 3);
  const std::string replacements = "0,\n\r\".-9eAn \xFF\xC3/:";
  std::size_t readable = 0;
  for (std::uint64_t round = 0; round < 150; ++round) {
    Random random(round);
    std::string damaged = text;
    const std::size_t damages = 1 + random.below(200);
    for (std::size_t i = 0; i < damages; ++i) {
      const std::size_t header = round % 10 == 0 ? 0 : 60;
      damaged[header + random.below(damaged.size() - header)] =
          replacements[random.below(replacements.size())];
    }
    try {
      const auto summary = load_text(folder, damaged).summary;
      ++readable;
      EXPECT_EQ(summary.rows_read, summary.rows_good + summary.rows_quarantined) << "round " << round;
      EXPECT_GT(summary.rows_good, summary.rows_read / 4) << "round " << round;
    } catch (const Error& error) {
      EXPECT_NE(error.origin(), ErrorOrigin::kInternal) << error.what();
    }
  }
  EXPECT_GT(readable, 130u);
}

TEST(PricesProperty, ParquetAndTextGiveTheSameMarket) {
  const TemporaryFolder folder;
  const auto text = random_file(Random(6), 5);
  const auto from_text = load_text(folder, text);
  Table table;
  const auto lines = lines_of(text);
  std::vector<Date> dates;
  DictionaryStrings symbols;
  std::vector<std::vector<double>> numbers(7);
  for (std::size_t i = 1; i < lines.size(); ++i) {
    dates.push_back(*parse_date(lines[i].substr(0, 10)));
    symbols.dictionary.push_back(lines[i].substr(11, 2));
    symbols.codes.push_back(static_cast<std::int32_t>(i) - 1);
    const char* at = lines[i].c_str() + 14;
    char* end = nullptr;
    for (auto& column : numbers) {
      column.push_back(std::strtod(at, &end));  // an independent reader of decimal numbers
      at = end + 1;
    }
  }
  table.columns = {{"date", dates}, {"symbol", symbols}};
  const std::vector<std::string> names = {"open", "high", "low", "close", "adj_close", "volume", "beta"};
  for (std::size_t i = 0; i < names.size(); ++i) table.columns.push_back({names[i], numbers[i]});
  PriceSource source;
  source.path = folder.path() / "prices.parquet";
  write_parquet(table, source.path);
  expect_same_market(from_text.market, load_prices(source).market);
}

// ---- Real data
// --------------------------------------------------------------------------------------------------

PriceLoad load_shared(const std::filesystem::path& path, int threads = 0) {
  PriceSource source;
  source.path = path;
  source.threads = threads;
  return load_prices(source);
}

// Golden numbers: counted with Python's csv module on ohlcv.csv.gz (rows, distinct symbols and dates,
// repeated keys, volume == 0, low > close), 2026-11-21.
TEST(PricesRealData, TheSharedFileHoldsWhatPythonCounts) {
  ORRERY_SHARED_OR_SKIP(path, "data/daily_sp500_2015_2018/ohlcv.parquet");
  PriceSource source;
  source.path = path;
  source.sectors = path.parent_path() / "sectors.csv";
  const auto load = load_prices(source);
  const auto& summary = load.summary;
  EXPECT_EQ(summary.rows_read, 470'242u);
  EXPECT_EQ(summary.symbols, 478u);
  EXPECT_EQ(summary.sessions, 1000u);
  EXPECT_EQ(summary.first_date, make_date(2015, 1, 12));
  EXPECT_EQ(summary.last_date, make_date(2018, 12, 31));
  EXPECT_EQ(summary.quarantined, (std::map<std::string, std::size_t>{{"impossible bar", 1}}));
  EXPECT_EQ(summary.zero_volume_rows, 246u);
  EXPECT_EQ(summary.rows_good, 470'241u);
  EXPECT_TRUE(summary.missing_sessions.empty());
  EXPECT_TRUE(summary.non_session_days.empty());
  EXPECT_EQ(summary.out_of_order_rows, 0u);
  EXPECT_EQ(summary.symbols_without_sector, 32u) << "sectors.csv names 446 of them";
  ASSERT_EQ(load.quarantine.rows(), 1u);
  EXPECT_EQ(line_of(load.quarantine, 0), 140'886);
  EXPECT_EQ(text_of(load.quarantine, "symbol", 0), "DXC");
  EXPECT_EQ(text_of(load.quarantine, "date", 0), "2018-06-01");
  EXPECT_FALSE(load.market.delivered_adjusted);
}

TEST(PricesRealData, ParquetCsvAndAnyNumberOfThreadsGiveTheSameBits) {
  ORRERY_SHARED_OR_SKIP(path, "data/daily_sp500_2015_2018/ohlcv.parquet");
  const auto one = load_shared(path, 1);
  const auto two = load_shared(path, 2);
  const auto text = load_shared(path.parent_path() / "ohlcv.csv.gz", 2);
  expect_same_market(one.market, two.market);
  expect_same_market(one.market, text.market);
  EXPECT_EQ(line_of(text.quarantine, 0), 140'887) << "the header is line 1";
}

// Oracle: the definition of the forward chain, (adj_t / raw_t) / (adj_0 / raw_0), straight from the file's
// columns. The file's prices went through float32 and six decimals: k carries up to 5e-7, which the derived
// factor leaves out.
TEST(PricesRealData, TheForwardChainFollowsTheAdjustedClose) {
  ORRERY_SHARED_OR_SKIP(path, "data/daily_sp500_2015_2018/ohlcv.parquet");
  const auto forward = load_shared(path);
  PriceSource source;
  source.path = path;
  source.adjustment = Adjustment::kBackward;
  const auto backward = load_prices(source);
  double worst = 0.0;
  for (std::size_t i = 0; i < forward.market.instruments(); ++i) {
    const auto first = static_cast<std::size_t>(forward.market.first_row[i]);
    const double base =
        backward.market.field("close")(first, i) / forward.market.raw_field("close")(first, i);
    for (std::size_t t = first; t < forward.market.rows(); ++t) {
      if (forward.market.present(t, i) == 0) continue;
      const double expected = backward.market.field("close")(t, i) / base;
      worst = std::max(worst, std::abs(forward.market.field("close")(t, i) / expected - 1.0));
    }
  }
  EXPECT_LT(worst, 5e-6);
  EXPECT_EQ(forward.summary.unexplained_adjustments, 0u);
  EXPECT_EQ(forward.summary.splits, 0u) << "Yahoo's closes carry their splits already";
}

// Apple's dividends per share, split-adjusted as of 2018. Source: investor.apple.com, dividend history.
TEST(PricesRealData, ApplesDividendsComeOut) {
  ORRERY_SHARED_OR_SKIP(path, "data/daily_sp500_2015_2018/ohlcv.parquet");
  const auto market = load_shared(path).market;
  const auto apple = market.find_symbol("AAPL");
  ASSERT_TRUE(apple);
  std::vector<std::pair<std::string, double>> found;
  for (std::size_t t = 0; t < market.rows(); ++t) {
    if (market.dividend(t, *apple) > 0.0)
      found.emplace_back(to_string(market.dates[t]), market.dividend(t, *apple));
  }
  const std::vector<std::pair<std::string, double>> expected = {
      {"2015-02-05", 0.47}, {"2015-05-07", 0.52}, {"2015-08-06", 0.52}, {"2015-11-05", 0.52},
      {"2016-02-04", 0.52}, {"2016-05-05", 0.57}, {"2016-08-04", 0.57}, {"2016-11-03", 0.57},
      {"2017-02-09", 0.57}, {"2017-05-11", 0.63}, {"2017-08-10", 0.63}, {"2017-11-10", 0.63},
      {"2018-02-09", 0.63}, {"2018-05-11", 0.73}, {"2018-08-10", 0.73}, {"2018-11-08", 0.73}};
  EXPECT_EQ(found, expected);
}

// Golden numbers: pandas on the same file (one row with empty open, high and low; two impossible bars).
TEST(PricesRealData, AnUnadjustedFileWithDamagedRows) {
  ORRERY_SHARED_OR_SKIP(path, "data/daily_sp500_5yr/ohlcv.csv.gz");
  const auto load = load_shared(path);
  EXPECT_EQ(load.summary.rows_read, 97'784u);
  EXPECT_EQ(load.summary.symbols, 80u);
  EXPECT_EQ(load.summary.quarantined,
            (std::map<std::string, std::size_t>{{"empty field", 1}, {"impossible bar", 2}}));
  EXPECT_TRUE(load.market.delivered_adjusted);
  EXPECT_TRUE(load.summary.missing_sessions.empty());
  EXPECT_EQ(load.summary.sessions, 1259u);
}

}  // namespace
}  // namespace orrery::prices_test
