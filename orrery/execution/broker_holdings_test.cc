#include "orrery/execution/broker_holdings.h"

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <utility>

namespace orrery::broker_holdings_test {
namespace {

AccountChange rename(Date date, std::string former, std::string symbol, double shares) {
  return {date, 0, EntryKind::kRename, std::move(symbol), to_quantity(shares), {}, std::move(former)};
}

OrderEvent fill_of(double shares, double price) {
  OrderEvent fill;
  fill.quantity = to_quantity(shares);
  fill.price = to_money(price);
  fill.commission = to_money(2.0);
  fill.slippage = to_money(1.0);
  return fill;
}

TEST(BrokerHoldings, FillsMoveSharesAndCashWithWhatTheyCost) {
  BrokerHoldings holdings;
  BrokerOrder order;
  order.symbol = "A";
  holdings.add_fill(order, fill_of(10.0, 5.0));
  EXPECT_EQ(holdings.held("A"), to_quantity(10.0));
  EXPECT_EQ(holdings.cash, to_money(-53.0));
  order.side = OrderSide::kSell;
  holdings.add_fill(order, fill_of(10.0, 6.0));
  EXPECT_EQ(holdings.cash, to_money(4.0));
  EXPECT_TRUE(holdings.positions.empty()) << "none is zero";
  holdings.add_fill(order, fill_of(1.0, 6.0));
  EXPECT_EQ(holdings.held("A"), to_quantity(-1.0)) << "short";
}

TEST(BrokerHoldings, ChangesMoveCashOrSharesOrBoth) {
  BrokerHoldings holdings;
  holdings.add_change({Date{1}, 1, EntryKind::kDeposit, "", {}, to_money(100.0)});
  holdings.add_change({Date{1}, 2, EntryKind::kSplit, "A", to_quantity(3.0), {}});
  holdings.add_change({Date{1}, 3, EntryKind::kCashInLieu, "A", to_quantity(-1.0), to_money(7.0)});
  EXPECT_EQ(holdings.cash, to_money(107.0));
  holdings.add_change(rename(Date{2}, "A", "B", 2.0));
  EXPECT_EQ(holdings.positions, (std::map<std::string, Quantity>{{"B", to_quantity(2.0)}}));
  EXPECT_EQ(holdings.held("A"), Quantity{});
}

}  // namespace
}  // namespace orrery::broker_holdings_test
