#include "orrery/data/account_currency.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/prices.h"
#include "testing/error_message.h"
#include "testing/small_market.h"
#include "testing/temporary_folder.h"

namespace orrery::account_currency_test {
namespace {

using testing::kNoBar;
using testing::message_of;

/// Wednesday 1 to Friday 3 January 2020.
MarketData three_days() {
  return testing::make_market({{"AAPL", {300.0, 300.0, 300.0}}, {"SAP", {kNoBar, 100.0, 110.0}}});
}

struct Sources {
  testing::TemporaryFolder folder;
  CurrencySource source;

  explicit Sources(
      const std::string& rates = "date,from,to,rate\n2020-01-02,EUR,USD,1.25\n2020-01-03,EUR,USD,1.5\n") {
    source.account = "USD";
    source.of = {{"SAP", "EUR"}};
    source.rates = folder.path() / "rates.csv";
    write_file_atomically(source.rates, rates);
  }
};

TEST(AccountCurrency, MoneyIsMultipliedByTheRateOfItsSession) {
  Sources sources;
  MarketData market = three_days();
  market.dividend(2, 1) = 2.0;
  market.funding.push_back({1, 2, start_of(market.dates[2]), 0.001, 111.0});
  market.fields["size"] = Panel(3, 2, 7.0);
  const CurrencyCounts counts = to_account_currency(sources.source, market);
  EXPECT_EQ(counts.instruments, (std::map<std::string, std::size_t>{{"EUR", 1}, {"USD", 1}}));
  for (const char* name : {"open", "high", "low", "close"}) {
    EXPECT_EQ(market.raw_field(name)(1, 1), 125.0) << name;
    EXPECT_EQ(market.field(name)(2, 1), 165.0) << name;
    EXPECT_EQ(market.field(name)(2, 0), 300.0) << name;
  }
  EXPECT_EQ(market.raw_field("volume")(2, 1), 1e9) << "shares";
  EXPECT_EQ(market.field("size")(2, 1), 7.0) << "no money as far as is known";
  EXPECT_EQ(market.dividend(2, 1), 3.0);
  EXPECT_EQ(market.funding[0].mark, 166.5);
  EXPECT_EQ(market.field("exchange_rate")(2, 1), 1.5);
  EXPECT_EQ(market.field("exchange_rate")(2, 0), 1.0);
  EXPECT_TRUE(market.is_foreign(1));
  EXPECT_FALSE(market.is_foreign(0));
}

TEST(AccountCurrency, ABarWithoutARateIsNamed) {
  Sources sources("date,from,to,rate\n2020-01-03,EUR,USD,1.5\n");
  MarketData market = three_days();
  const std::string said = message_of([&] { to_account_currency(sources.source, market); });
  EXPECT_NE(said.find("no rate of EUR in USD on 2020-01-02 or in the 10 days before it, when SAP has a bar"),
            std::string::npos)
      << said;
}

TEST(AccountCurrency, ACurrencyWithoutAWayIsNamed) {
  Sources sources("date,from,to,rate\n2020-01-01,JPY,USD,0.009\n");
  MarketData market = three_days();
  const std::string said = message_of([&] { to_account_currency(sources.source, market); });
  EXPECT_NE(said.find("no rate of EUR in USD, neither turned round"), std::string::npos) << said;
}

TEST(AccountCurrency, ATableMaySayWhichNameIsInWhich) {
  Sources sources;
  sources.source.of.clear();
  sources.source.file = sources.folder.path() / "currencies.csv";
  write_file_atomically(sources.source.file, "symbol,currency\nSAP,EUR\nGONE,CHF\n");
  MarketData market = three_days();
  EXPECT_EQ(to_account_currency(sources.source, market).unused, 1u);
  EXPECT_EQ(market.currencies, (std::vector<std::string>{"USD", "EUR"}));
  write_file_atomically(sources.source.file, "symbol,currency\nSAP,EUR\nSAP,CHF\n");
  market = three_days();
  EXPECT_NE(message_of([&] { to_account_currency(sources.source, market); }).find("line 3, column 'symbol'"),
            std::string::npos);
}

/// What a file says goes through load_prices, with another fingerprint for other rates.
TEST(AccountCurrency, PricesAreLoadedInTheAccountsCurrency) {
  Sources sources;
  PriceSource source;
  source.path = sources.folder.path() / "prices.csv";
  source.calendar = "file";
  write_file_atomically(source.path,
                        "date,symbol,open,high,low,close,volume,dividend\n"
                        "2020-01-02,SAP,100,100,100,100,1000,0\n"
                        "2020-01-03,SAP,99,99,99,99,1000,1\n");
  const PriceLoad local = load_prices(source);
  source.currencies = sources.source;
  const PriceLoad load = load_prices(source);
  EXPECT_EQ(load.market.raw_field("close")(1, 0), 99.0 * 1.5);
  EXPECT_EQ(load.market.dividend(1, 0), 1.5);
  EXPECT_EQ(load.summary.currencies.at("EUR"), 1u);
  // Without a move of the price, less what was paid, the adjusted price has moved with the rate alone.
  const Panel& close = load.market.field("close");
  EXPECT_DOUBLE_EQ(close(1, 0) / close(0, 0), 1.5 / 1.25);
  EXPECT_NE(load.fingerprint, local.fingerprint);
  write_file_atomically(source.currencies.rates, "date,from,to,rate\n2020-01-02,EUR,USD,1.26\n");
  EXPECT_NE(load_prices(source).fingerprint, load.fingerprint);
}

}  // namespace
}  // namespace orrery::account_currency_test
