#include "orrery/app/study_execution.h"

#include <fmt/format.h>

#include <cmath>

namespace orrery {
namespace {

OrderType type_of(const std::string& name) {
  if (name == "stop") return OrderType::kStop;
  return name == "limit_on_close" ? OrderType::kLimitOnClose : OrderType::kLimit;
}

PricedOrders::Of part_of(const std::string& name) {
  if (name == "all") return PricedOrders::Of::kAll;
  return name == "exits" ? PricedOrders::Of::kExits : PricedOrders::Of::kEntries;
}

/// `order: market`, or `order: {type: limit, offset: 0.01, of: entries}`.
PricedOrders read_priced(ConfigReader& execution) {
  const ConfigNode* node = execution.node("order");
  if (node == nullptr) return {};
  if (node->kind == ConfigNode::Kind::kScalar) {
    execution.text("order", "market", {"market"});  // the others need an offset
    return {};
  }
  auto order = execution.section("order");
  const std::string type = order.text("type", "market", {"market", "limit", "stop", "limit_on_close"});
  PricedOrders priced{type_of(type), std::nullopt,
                      part_of(order.text("of", "entries", {"entries", "exits", "all"}))};
  const bool has_offset = order.node("offset") != nullptr;
  if (type == "market") {
    if (has_offset)
      order.problem("offset", "a market order has no price; take type limit, stop or limit_on_close");
    return priced;
  }
  if (!has_offset) {
    order.problem("offset", "is missing: which fraction of the last close the order's price is away from it");
    return priced;
  }
  priced.offset = order.number("offset", 0.0);
  if (!(std::abs(*priced.offset) < 1.0)) {
    order.problem("offset", fmt::format("must lie between -1 and 1, found {}", *priced.offset));
  }
  return priced;
}

}  // namespace

void read_orders(ConfigReader& execution, BacktestConfig& config) {
  config.priced = read_priced(execution);
  if (execution.node("slices") == nullptr) return;
  auto slices = execution.section("slices");
  config.slices = static_cast<int>(slices.integer("sessions", 1, 1));
  if (slices.node("volume_share") == nullptr) return;
  config.slice_volume_share = slices.number("volume_share", 0.1);
  if (!(*config.slice_volume_share > 0.0)) {
    slices.problem("volume_share", fmt::format("must be above 0, found {}", *config.slice_volume_share));
  }
}

}  // namespace orrery
