#include "orrery/app/study_financing.h"

#include <gtest/gtest.h>

#include <string>

#include "orrery/app/study.h"
#include "orrery/backtest/backtest_setup.h"
#include "orrery/base/error.h"
#include "testing/error_message.h"
#include "testing/small_market.h"
#include "testing/study_plugins.h"

namespace orrery::study_financing_test {
namespace {

using testing::message_of;

Study study_with(const std::string& financing) {
  return parse_study(
      "name: x\ndata: {path: p.csv}\nfactors: {extra: {a: \"$close\"}}\nmodel: ridge\n" + financing,
      "study.yaml", {}, testing::study_plugins());
}

TEST(StudyFinancing, ReadsAnnualRates) {
  const auto config =
      study_with("financing: {borrow: 0.01, borrow_by_symbol: {B: 0.3}, cash: 0.02, loan: 0.05}\n").backtest;
  EXPECT_EQ(config.financing.borrow, 0.01);
  EXPECT_EQ(config.financing.cash, 0.02);
  EXPECT_EQ(config.financing.loan, 0.05);
  MarketData market = testing::make_market({{"A", {1.0}}, {"B", {1.0}}, {"P", {1.0}}});
  market.funding.push_back({2, 0, start_of(market.dates[0]), 0.0, 1.0});
  EXPECT_EQ(engine_config(market, config).financing.borrow_of, (std::vector<double>{0.01, 0.3, 0.0}));
  EXPECT_FALSE(engine_config(market, study_with("").backtest).financing.any());
}

TEST(StudyFinancing, SaysWhatIsWrong) {
  EXPECT_NE(message_of([] { study_with("financing: {borrow: -0.01}\n"); }).find("financing.borrow"),
            std::string::npos);
  EXPECT_NE(message_of([] {
              study_with("financing: {borrow_by_symbol: {GME: much}}\n");
            }).find("financing.borrow_by_symbol.GME"),
            std::string::npos);
  EXPECT_NE(message_of([] { study_with("financing: {borrow_by_symbol: 0.3}\n"); }).find("by symbol"),
            std::string::npos);
  const MarketData market = testing::make_market({{"BRK", {1.0}}});
  const auto config = study_with("financing: {borrow_by_symbol: {BRX: 0.3}}\n").backtest;
  EXPECT_NE(message_of([&] { check_borrow_symbols(market, config); }).find("did you mean 'BRK'"),
            std::string::npos);
}

}  // namespace
}  // namespace orrery::study_financing_test
