#pragma once

#include <cstdint>

#include "orrery/execution/order_check.h"

namespace orrery::testing {

/// Makes an order for a check, of the day `date`, at a price and last close.
inline CheckedOrder checked_order(std::uint32_t instrument, OrderSide side, double shares,
                                  double price = 10.0, Date date = make_date(2024, 3, 1), double held = 0.0) {
  static std::uint64_t last_id = 0;
  CheckedOrder checked;
  checked.order.id = ++last_id;
  checked.order.instrument = instrument;
  checked.order.side = side;
  checked.order.quantity = checked.shares = to_quantity(shares);
  checked.session = {static_cast<std::size_t>(date - make_date(2000, 1, 3)), date};
  checked.time = start_of(date);
  checked.held = to_quantity(held);
  checked.price = checked.last_close = to_money(price);
  checked.equity = to_money(1e6);
  return checked;
}

/// Returns the rule that refuses or warns of the order; "": none does.
inline std::string rule_of(const OrderCheck& check, const CheckedOrder& order) {
  std::vector<OrderFinding> findings;
  check.judge(order, findings);
  return findings.empty() ? "" : std::string(findings.front().rule);
}

/// Returns the figures of the first finding; "": none.
inline std::string figures_of(const OrderCheck& check, const CheckedOrder& order) {
  std::vector<OrderFinding> findings;
  check.judge(order, findings);
  return findings.empty() ? "" : findings.front().figures;
}

}  // namespace orrery::testing
