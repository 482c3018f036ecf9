#include "orrery/app/study_execution.h"

#include <gtest/gtest.h>

#include <string>

#include "orrery/app/study.h"
#include "testing/error_message.h"
#include "testing/study_plugins.h"

namespace orrery::study_execution_test {
namespace {

using testing::message_of;

BacktestConfig config_with(const std::string& execution) {
  return parse_study("name: x\ndata: {path: p.csv}\nfactors: {extra: {a: \"$close\"}}\nmodel: ridge\n" +
                         (execution.empty() ? "" : "execution: {" + execution + "}\n"),
                     "study.yaml", {}, testing::study_plugins())
      .backtest;
}

TEST(StudyExecution, OrdersAreMarketOrdersOfOneSessionUnlessAskedFor) {
  for (const char* plain : {"", "order: market", "order: {type: market}", "slices: {sessions: 1}"}) {
    const auto config = config_with(plain);
    EXPECT_FALSE(config.priced.offset) << plain;
    EXPECT_EQ(config.slices, 1) << plain;
    EXPECT_FALSE(config.slice_volume_share) << plain;
  }
}

TEST(StudyExecution, ReadsPricesAndSlices) {
  const auto config = config_with(
      "order: {type: limit_on_close, offset: 0.02, of: all}, slices: {sessions: 5, volume_share: 0.1}");
  EXPECT_EQ(config.priced.type, OrderType::kLimitOnClose);
  EXPECT_EQ(config.priced.offset, 0.02);
  EXPECT_EQ(config.priced.of, PricedOrders::Of::kAll);
  EXPECT_EQ(config.slices, 5);
  EXPECT_EQ(config.slice_volume_share, 0.1);
  const auto stop = config_with("order: {type: stop, offset: -0.01}");
  EXPECT_EQ(stop.priced.type, OrderType::kStop);
  EXPECT_EQ(stop.priced.of, PricedOrders::Of::kEntries);
  EXPECT_EQ(config_with("order: {type: limit, offset: 0, of: exits}").priced.of, PricedOrders::Of::kExits);
}

TEST(StudyExecution, SaysWhatIsWrong) {
  const auto complaint = [](const std::string& execution) {
    return message_of([&] { config_with(execution); });
  };
  const auto says = [&](const std::string& execution, const char* part) {
    return complaint(execution).find(part) != std::string::npos;
  };
  EXPECT_TRUE(says("order: {type: limit}", "execution.order.offset: is missing"))
      << complaint("order: {type: limit}");
  EXPECT_TRUE(says("order: {type: market, offset: 0.1}", "a market order has no price"));
  EXPECT_TRUE(says("order: limit", "execution.order"));
  EXPECT_TRUE(says("order: {type: limit, offset: 1}", "must lie between -1 and 1"));
  EXPECT_TRUE(says("order: {type: limits, offset: 0.1}", "limit_on_close"));
  EXPECT_TRUE(says("slices: {sessions: 0}", "execution.slices.sessions"));
  EXPECT_TRUE(says("slices: {volume_share: 0}", "execution.slices.volume_share: must be above 0"));
  EXPECT_TRUE(says("slices: {days: 3}", "execution.slices.days"));
}

}  // namespace
}  // namespace orrery::study_execution_test
