#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "orrery/execution/kill_switch.h"
#include "orrery/execution/order_check.h"
#include "orrery/execution/recent_orders.h"

namespace orrery {

/// At most so many orders within so many seconds.
struct RateLimit {
  std::int64_t orders = 0;
  double seconds = 86'400.0;  ///< a day: with daily bars, a session
};

/// What an order is held against before it is sent; nothing: not checked.
struct PretradeSettings {
  std::optional<double> price_collar;       ///< fraction of the last close that a price may be away from it
  std::optional<double> max_shares;         ///< of one order
  std::optional<double> max_notional;       ///< shares × price of one order, in money
  std::optional<RateLimit> rate;            ///< of the account
  std::optional<double> duplicate_seconds;  ///< in which the same order is not sent twice
  std::vector<std::string> restricted;      ///< symbols that are not traded at all
};

/// Errors: kInvalidArgument for what no order could keep.
void check_pretrade_settings(const PretradeSettings& settings);

/// The checks between an order and the broker, in this order: kill_switch, restricted_list, max_shares,
/// max_notional, price_collar, duplicate_order, order_rate. Each refuses.
/// A price collar judges only orders whose price is known before they are sent (CheckedOrder::price); an
/// order whose value nobody knows is over any notional.
class PretradeChecks final : public OrderCheck {
 public:
  /// `switch_` may be null; it is shared with who may throw it.
  /// Errors: check_pretrade_settings; kNotFound for a restricted symbol that there isn't.
  PretradeChecks(const PretradeSettings& settings, std::span<const std::string> symbols,
                 std::shared_ptr<KillSwitch> kill_switch = nullptr);

  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override;
  void sent(const CheckedOrder& order) override;
  /// The state: times of recent orders, and the kill switch.
  std::string save() const override;
  void restore(std::string_view state) override;

 private:
  std::optional<OrderFinding> first_problem(const CheckedOrder& order) const;
  std::optional<OrderFinding> check_size(const CheckedOrder& order) const;
  std::optional<OrderFinding> check_notional(const CheckedOrder& order) const;
  std::optional<OrderFinding> check_collar(const CheckedOrder& order) const;
  std::optional<OrderFinding> check_history(const CheckedOrder& order) const;

  PretradeSettings settings_;
  Quantity max_shares_;
  Money max_notional_;
  std::vector<std::uint8_t> restricted_;  ///< by instrument
  std::optional<OrderRate> rate_;
  std::optional<RecentOrders> recent_;
  Timestamp last_sent_;
  std::shared_ptr<KillSwitch> switch_;
};

}  // namespace orrery
