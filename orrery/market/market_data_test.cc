#include "orrery/market/market_data.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>

#include "orrery/base/error.h"

namespace orrery::market_data_test {
namespace {

TEST(Panel, RowsArePaddedAlignedAndMissing) {
  FloatPanel panel(3, 17);
  EXPECT_EQ(panel.stride(), 32u);
  for (std::size_t row = 0; row < 3; ++row) {
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(panel.row_data(row)) % FloatPanel::kAlignment, 0u);
    for (std::size_t i = 0; i < panel.stride(); ++i) EXPECT_TRUE(std::isnan(panel.row_data(row)[i]));
  }
  panel(1, 16) = 2.0F;
  const FloatPanel copy = panel;
  EXPECT_EQ(copy(1, 16), 2.0F);
}

TEST(MarketData, FindsRowsSymbolsAndFields) {
  MarketData market;
  market.dates = {make_date(2015, 1, 12), make_date(2015, 1, 14)};
  market.symbols = {"A", "AAL"};
  market.fields.emplace("close", Panel(2, 2));
  EXPECT_EQ(market.lower_row(make_date(2015, 1, 13)), 1u);
  EXPECT_EQ(market.lower_row(make_date(2015, 1, 15)), 2u);
  EXPECT_EQ(market.find_symbol("AAL"), 1u);
  EXPECT_FALSE(market.find_symbol("AA"));
  EXPECT_NO_THROW(market.field("close"));
  EXPECT_THROW(market.field("closee"), Error);
}

}  // namespace
}  // namespace orrery::market_data_test
