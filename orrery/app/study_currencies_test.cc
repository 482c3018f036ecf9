#include <gtest/gtest.h>

#include <string>

#include "orrery/app/study.h"
#include "orrery/base/error.h"
#include "testing/error_message.h"
#include "testing/study_plugins.h"

namespace orrery::study_currencies_test {
namespace {

using testing::message_of;

Study study_with(const std::string& currencies, const std::string& rest = "") {
  return parse_study("name: x\ndata: {path: p.csv" + currencies +
                         "}\nfactors: {extra: {a: \"$close\"}}\nmodel: ridge\n" + rest,
                     "study.yaml", {}, testing::study_plugins());
}

TEST(StudyCurrencies, AreReadAsMappingOrAsFile) {
  const CurrencySource none = study_with("").data.currencies;
  EXPECT_TRUE(none.empty());
  const CurrencySource own =
      study_with(", currencies: {account: USD, of: {SAP: EUR}, rates: fx.csv, base: EUR}").data.currencies;
  EXPECT_EQ(own.account, "USD");
  EXPECT_EQ(own.of.at("SAP"), "EUR");
  EXPECT_EQ(own.rates.filename(), "fx.csv");
  EXPECT_EQ(own.base, "EUR");
  const CurrencySource file =
      study_with(", currencies: {account: USD, of: of.csv, rates: fx.csv}").data.currencies;
  EXPECT_EQ(file.file.filename(), "of.csv");
  EXPECT_EQ(
      study_with(", currencies: {account: USD, of: of.csv, rates: fx.csv}", "costs: {exchange_bps: 2}\n")
          .backtest.costs.exchange_bps,
      2.0);
}

TEST(StudyCurrencies, FaultsAreNamed) {
  const auto names = [](const std::string& currencies, const std::string& expected,
                        const std::string& rest = "") {
    const std::string said = message_of([&] { study_with(currencies, rest); });
    EXPECT_NE(said.find(expected), std::string::npos) << said;
  };
  names(", currencies: {of: of.csv, rates: fx.csv}", "data.currencies.account");
  names(", currencies: {account: USD, rates: fx.csv}", "data.currencies.of");
  names(", currencies: {account: USD, of: of.csv}", "data.currencies.rates");
  names(", currencies: {account: dollars, of: of.csv, rates: fx.csv}", "must be a currency such as USD");
  names(", currencies: {account: USD, of: {SAP: euro}, rates: fx.csv}", "data.currencies.of.SAP");
  names(", currencies: {account: USD, of: of.csv, rate: fx.csv, rates: fx.csv}", "did you mean 'rates'");
  names("", "the study has no data.currencies", "costs: {exchange_bps: 2}\n");
}

}  // namespace
}  // namespace orrery::study_currencies_test
