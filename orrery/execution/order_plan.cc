#include "orrery/execution/order_plan.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"

namespace orrery {
namespace {

void check_target(const Target& target, std::size_t instruments) {
  if (target.instrument >= instruments) {
    throw internal_error(fmt::format("a strategy's target must be one of {} instruments; found {}",
                                     instruments, target.instrument));
  }
  if (!std::isfinite(target.weight) || !(target.cash_share >= 0.0 && target.cash_share <= 1.0)) {
    throw internal_error(
        fmt::format("a strategy's target needs a finite weight and a cash share in [0, 1]; found {} and {} "
                    "for instrument {}",
                    target.weight, target.cash_share, target.instrument));
  }
}

double sizing_price(std::uint32_t instrument, const Ledger& ledger, std::span<const double> closes) {
  const double close = closes[instrument];
  if (close > 0.0) return close;
  if (const Position* position = ledger.find(instrument)) return position->mark.units();
  throw internal_error(
      fmt::format("a strategy wants to enter an instrument that has no price on that session: instrument {}",
                  instrument));
}

Quantity count_shares(const Target& target, const Ledger& ledger, double equity,
                      std::span<const double> closes, Quantity lot) {
  if (target.kind != TargetKind::kWeight || target.weight == 0.0) return Quantity{};
  const double price = sizing_price(target.instrument, ledger, closes);
  return round_down(to_quantity(target.weight * equity / price), lot);
}

void request_sale(const PlannedTarget& target, Quantity held, Quantity quantity, OrderRequests& requests) {
  const Quantity reduction = std::min(quantity, std::max(held, Quantity{}));
  if (reduction.micros > 0) {
    requests.reductions.push_back(
        {target.instrument, OrderSide::kSell, reduction, 0.0, target.reason, false});
  }
  if (quantity > reduction) {
    requests.shorts.push_back(
        {target.instrument, OrderSide::kSell, quantity - reduction, 0.0, target.reason, true});
  }
}

void request_purchase(const PlannedTarget& target, Quantity held, Quantity quantity,
                      OrderRequests& requests) {
  const Quantity cover = std::min(quantity, std::max(-held, Quantity{}));
  if (cover.micros > 0) {
    requests.covers.push_back({target.instrument, OrderSide::kBuy, cover, 0.0, target.reason, false});
  }
  if (quantity > cover) {
    requests.purchases.push_back(
        {target.instrument, OrderSide::kBuy, quantity - cover, 0.0, target.reason, true});
  }
}

/// Returns one of so many equal parts of a change.
Quantity slice_of(Quantity change, int slices, Quantity lot) {
  if (slices <= 1) return change;
  return round_down(Quantity{change.micros / slices}, lot);
}

void request_change(const PlannedTarget& target, Quantity held, int slices, Quantity lot,
                    OrderRequests& requests) {
  const Quantity change = slice_of(target.quantity - held, slices, lot);
  if (change.micros < 0) request_sale(target, held, -change, requests);
  if (change.micros > 0) request_purchase(target, held, change, requests);
}

}  // namespace

OrderPlan plan_orders(const Session& decided, const Decision& decision, const Ledger& ledger,
                      std::span<const double> closes, Quantity lot) {
  const double equity = ledger.equity().units();
  OrderPlan plan;
  plan.decided = decided;
  plan.targets.reserve(decision.targets.size());
  for (const Target& target : decision.targets) {
    check_target(target, closes.size());
    const Quantity quantity = count_shares(target, ledger, equity, closes, lot);
    plan.targets.push_back(
        {target.instrument, target.kind, quantity, target.cash_share, target.weight, target.reason});
  }
  return plan;
}

void OrderRequests::clear() {
  reductions.clear();
  covers.clear();
  shorts.clear();
  purchases.clear();
}

void OrderDrafter::draft(const OrderPlan& plan, const Ledger& ledger, OrderRequests& requests, int slices,
                         Quantity lot) {
  requests.clear();
  for (const PlannedTarget& target : plan.targets) {
    planned_[target.instrument] = 1;
    if (target.kind == TargetKind::kHold) continue;
    const Position* position = ledger.find(target.instrument);
    const Quantity held = position != nullptr ? position->quantity : Quantity{};
    if (target.kind == TargetKind::kWeight) {
      request_change(target, held, slices, lot, requests);
    } else {
      requests.purchases.push_back(
          {target.instrument, OrderSide::kBuy, Quantity{}, target.cash_share / slices, target.reason, true});
    }
  }
  for (const Position& position : ledger.positions()) {
    if (planned_[position.instrument] == 0) {
      request_change({position.instrument, TargetKind::kWeight, Quantity{}, 0.0, 0.0, "no target"},
                     position.quantity, slices, lot, requests);
    }
  }
  for (const PlannedTarget& target : plan.targets) planned_[target.instrument] = 0;
}

}  // namespace orrery
