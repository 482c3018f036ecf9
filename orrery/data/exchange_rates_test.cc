#include "orrery/data/exchange_rates.h"

#include <gtest/gtest.h>

#include <optional>
#include <string>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "testing/error_message.h"
#include "testing/temporary_folder.h"

namespace orrery::exchange_rates_test {
namespace {

using testing::message_of;

const Date kMonday = make_date(2020, 1, 6);

struct Written {
  testing::TemporaryFolder folder;

  ExchangeRates rates(const std::string& text, const std::string& base = "") {
    write_file_atomically(folder.path() / "rates.csv", text);
    return {folder.path() / "rates.csv", base};
  }
  std::string refusal(const std::string& text, const std::string& base = "") {
    return message_of([&] { rates(text, base); });
  }
};

std::optional<double> rate_of(const ExchangeRates& rates, const std::string& from, const std::string& to,
                              Date day) {
  const auto way = rates.way(from, to);
  return way ? way->at(day) : std::nullopt;
}

// Of 2 January 2020, from the European Central Bank: 1.1193 dollars and 121.75 yen a euro.
constexpr const char* kColumns =
    "Date,USD,JPY,BGN,\n"
    "2020-01-03,1.1147,120.38,N/A,\n"
    "2020-01-02,1.1193,121.75,1.9558,\n";

TEST(ExchangeRates, APairIsReadAndTurnedRound) {
  Written written;
  const auto rates = written.rates("date,from,to,rate\n2020-01-03,EUR,USD,1.1147\n");
  EXPECT_EQ(rate_of(rates, "EUR", "USD", make_date(2020, 1, 3)), 1.1147);
  EXPECT_EQ(rate_of(rates, "USD", "EUR", make_date(2020, 1, 3)), 1.0 / 1.1147);
  EXPECT_EQ(rate_of(rates, "USD", "USD", make_date(1999, 1, 1)), 1.0);
  EXPECT_FALSE(rates.way("USD", "JPY"));
  EXPECT_FALSE(rate_of(rates, "USD", "JPY", make_date(2020, 1, 3)));
}

TEST(ExchangeRates, ColumnsOfCurrenciesGiveCrossRates) {
  Written written;
  const auto rates = written.rates(kColumns, "EUR");
  EXPECT_EQ(rate_of(rates, "EUR", "JPY", make_date(2020, 1, 2)), 121.75);
  EXPECT_DOUBLE_EQ(*rate_of(rates, "JPY", "USD", make_date(2020, 1, 2)), 1.1193 / 121.75);
  EXPECT_DOUBLE_EQ(*rate_of(rates, "BGN", "USD", make_date(2020, 1, 3)), 1.1147 / 1.9558)
      << "a day without a rate";
  EXPECT_TRUE(rates.way("BGN", "JPY"));
}

TEST(ExchangeRates, ADaySeesWhatWasKnownByThenAndNothingOld) {
  Written written;
  const auto rates = written.rates("date,from,to,rate\n2020-01-03,EUR,USD,1.1\n2020-01-07,EUR,USD,1.2\n");
  EXPECT_FALSE(rate_of(rates, "EUR", "USD", make_date(2020, 1, 2))) << "later";
  EXPECT_EQ(rate_of(rates, "EUR", "USD", kMonday), 1.1) << "Friday's over the weekend";
  EXPECT_EQ(rate_of(rates, "EUR", "USD", make_date(2020, 1, 17)), 1.2);
  EXPECT_FALSE(rate_of(rates, "EUR", "USD", make_date(2020, 1, 18))) << "eleven days old";
}

TEST(ExchangeRates, FaultsAreNamedWithLineAndColumn) {
  Written written;
  const std::string header = "date,from,to,rate\n";
  const auto names = [&](const std::string& text, const std::string& expected, const std::string& base = "") {
    const std::string said = written.refusal(text, base);
    EXPECT_NE(said.find(expected), std::string::npos) << said;
    EXPECT_NE(said.find("rates.csv"), std::string::npos) << said;
  };
  names(header + "2020-01-03,EUR,USD,1.1\n2020-01-04,EUR,USD,-1\n",
        "line 3, column 'rate': a rate above 0 is expected");
  names(header + "2020-01-03,EUR,USD,much\n", "found 'much'");
  names(header + "yesterday,EUR,USD,1.1\n", "line 2, column 'date'");
  names(header + "2020-01-03,Euro,USD,1.1\n", "line 2, column 'from': a currency such as USD is expected");
  names(header + "2020-01-03,EUR,EUR,1\n", "another currency than 'from'");
  names(header + "2020-01-03,EUR,USD,1.1\n2020-01-03,EUR,USD,1.1\n", "has a rate of 2020-01-03 already");
  names(header + "2020-01-03,EUR,USD,1.1\n", "'base' belongs to", "EUR");
  names(kColumns, "'base' has to say");
  names("date,price\n2020-01-03,1\n", "a table of rates has the columns");
}

}  // namespace
}  // namespace orrery::exchange_rates_test
