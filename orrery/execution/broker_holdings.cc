#include "orrery/execution/broker_holdings.h"

namespace orrery {

Quantity BrokerHoldings::held(const std::string& symbol) const {
  const auto found = positions.find(symbol);
  return found == positions.end() ? Quantity{} : found->second;
}

void BrokerHoldings::add_shares(const std::string& symbol, Quantity quantity) {
  if (quantity.micros == 0) return;
  Quantity& held = positions[symbol];
  held += quantity;
  if (held.micros == 0) positions.erase(symbol);
}

void BrokerHoldings::add_fill(const BrokerOrder& order, const OrderEvent& fill) {
  const bool buys = order.side == OrderSide::kBuy;
  const Money value = multiply(fill.price, fill.quantity);
  add_shares(order.symbol, buys ? fill.quantity : -fill.quantity);
  cash += (buys ? -value : value) - fill.commission - fill.slippage;
}

void BrokerHoldings::add_change(const AccountChange& change) {
  if (change.kind == EntryKind::kRename) add_shares(change.former, -change.quantity);
  if (!change.symbol.empty()) add_shares(change.symbol, change.quantity);
  cash += change.cash;
}

}  // namespace orrery
