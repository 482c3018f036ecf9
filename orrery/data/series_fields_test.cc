#include "orrery/data/series_fields.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "testing/temporary_folder.h"

namespace orrery::series_fields_test {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

/// Two instruments on the sessions from Tuesday 2024-01-02 to Tuesday 2024-01-09.
MarketData week() {
  MarketData market;
  for (const int day : {2, 3, 4, 5, 8, 9}) market.dates.push_back(make_date(2024, 1, day));
  market.symbols = {"A", "B"};
  market.first_row = {0, 0};
  market.last_row = {5, 5};
  market.fields.emplace("close", Panel(6, 2));
  return market;
}

class SeriesFields : public ::testing::Test {
 protected:
  std::vector<std::string> add(const std::string& text) {
    const auto path = folder_.path() / "series.csv";
    write_file_atomically(path, text);
    return add_series_fields(path, market_);
  }

  void expect_values(const std::string& field, const std::vector<double>& expected) {
    for (std::size_t row = 0; row < expected.size(); ++row) {
      for (std::size_t i = 0; i < 2; ++i) {
        const double found = market_.field(field)(row, i);
        EXPECT_TRUE(found == expected[row] || (std::isnan(found) && std::isnan(expected[row])))
            << field << ", row " << row << ": " << found << " instead of " << expected[row];
      }
    }
  }

  std::string message_of(const std::string& text) {
    try {
      add(text);
    } catch (const Error& error) {
      return std::string(error.what()).substr(folder_.path().string().size() + 1);
    }
    return "";
  }

  testing::TemporaryFolder folder_;
  MarketData market_ = week();
};

TEST_F(SeriesFields, AValueIsSeenFromTheSessionAfterItsDate) {
  EXPECT_EQ(add("date,VIX,note,10y yield\n2024-01-02,13.2,a,3.9\n2024-01-05,13.4,,\n2024-01-06,99,b,4\n"),
            (std::vector<std::string>{"VIX", "10y_yield"}));
  expect_values("VIX", {kNan, 13.2, 13.2, 13.2, 99, 99});
  expect_values("10y_yield", {kNan, 3.9, 3.9, 3.9, 4, 4});
}

TEST_F(SeriesFields, ARevisionIsSeenFromTheDayItWasKnown) {
  add("date,realtime_start,cpi\n"
      "2023-11-01,2023-12-12,307.0\n"
      "2023-12-01,2024-01-04,308.7\n"
      "2023-11-01,2024-01-05,307.9\n"    // of an older month: nothing new for today's value
      "2023-12-01,2024-01-06,308.9\n");  // known on a Saturday
  expect_values("cpi", {307.0, 307.0, 308.7, 308.7, 308.9, 308.9});
}

TEST_F(SeriesFields, TheFutureChangesNothing) {
  add("date,x\n2024-01-02,1\n2024-01-03,2\n");
  const Panel before = market_.field("x");
  market_ = week();
  add("date,x\n2024-01-02,1\n2024-01-03,2\n2024-01-08,3\n2030-01-01,4\n");
  for (std::size_t row = 0; row < 5; ++row) {
    EXPECT_TRUE(market_.field("x")(row, 0) == before(row, 0) || row == 0);
  }
  EXPECT_EQ(market_.field("x")(5, 1), 3.0);
}

TEST_F(SeriesFields, ReturnsOfFactorPortfoliosAreNoFeature) {
  EXPECT_NE(message_of("date,Mkt-RF,SMB,HML,RF\n2024-01-02,0.1,0.2,0.3,0\n").find("attribution.factors"),
            std::string::npos);
  add("date,known,SMB,HML\n2024-01-02,2024-01-08,0.2,0.3\n");
  expect_values("SMB", {kNan, kNan, kNan, kNan, 0.2, 0.2});
}

TEST_F(SeriesFields, BadTablesAreNamed) {
  EXPECT_EQ(message_of("date,close\n2024-01-02,1\n"),
            "series.csv, line 1: there is a field $close already; give the column another name");
  EXPECT_EQ(message_of("date,x\n2024-01-02,1\nsoon,2\n"),
            "series.csv, line 3, column 'date': a date such as 2026-01-31 is expected, found 'soon'");
  EXPECT_EQ(message_of("date,known,y\n2024-01-02,2024-01-01,1\n"),
            "series.csv, line 2: known on 2024-01-01, before its date 2024-01-02");
  EXPECT_EQ(message_of("date,name\n2024-01-02,x\n"), "series.csv: no column of numbers beside the dates");
}

}  // namespace
}  // namespace orrery::series_fields_test
