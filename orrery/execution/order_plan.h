#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "orrery/execution/clock.h"
#include "orrery/execution/ledger.h"
#include "orrery/execution/order.h"
#include "orrery/portfolio/strategy.h"

namespace orrery {

/// A target with its shares counted, waiting for its session.
struct PlannedTarget {
  std::uint32_t instrument = 0;
  TargetKind kind = TargetKind::kWeight;
  Quantity quantity;        ///< kWeight: wanted shares, negative for short
  double cash_share = 0.0;  ///< kCashShare
  double weight = 0.0;      ///< as decided
  std::string_view reason;
};

/// A decision on its way to the market, best rank first.
struct OrderPlan {
  Session decided;
  std::vector<PlannedTarget> targets;
  int slices = 1;  ///< sessions over which what is left of it is traded, the next one included
};

/// Counts the shares of every target from the decision's own closes: weight × equity / close, toward zero to
/// a multiple of `lot`; a held name without a bar counts at its last price.
/// Errors: kInternal for a weight that is not finite, a cash share outside [0, 1], an instrument that does
/// not exist or that is new and has no price.
OrderPlan plan_orders(const Session& decided, const Decision& decision, const Ledger& ledger,
                      std::span<const double> closes, Quantity lot);

/// An order without its budget.
struct OrderRequest {
  std::uint32_t instrument = 0;
  OrderSide side = OrderSide::kBuy;
  Quantity quantity;        ///< positive; unused for a cash share
  double cash_share = 0.0;  ///< > 0: buy for this share of the cash
  std::string_view reason;
  bool opens = true;  ///< it opens or enlarges a position; else it closes or reduces one
};

/// What has to be traded to get from the positions to the plan. Each list is in the plan's order; held names
/// that the plan leaves out come last. A trade through zero stands in two lists.
struct OrderRequests {
  std::vector<OrderRequest> reductions;  ///< sales of what is held
  std::vector<OrderRequest> covers;      ///< purchases against short positions
  std::vector<OrderRequest> shorts;      ///< sales of what is not held
  std::vector<OrderRequest> purchases;

  void clear();
};

/// Compares positions with plans. Keeps its scratch between calls.
class OrderDrafter {
 public:
  explicit OrderDrafter(std::size_t instruments) : planned_(instruments, 0) {}
  /// Of what is still to be traded, asks for one part of `slices` equal ones: changes of shares are rounded
  /// toward zero to a multiple of `lot`, apart from the last.
  void draft(const OrderPlan& plan, const Ledger& ledger, OrderRequests& requests, int slices, Quantity lot);

 private:
  std::vector<std::uint8_t> planned_;
};

}  // namespace orrery
