#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/execution/order_check.h"

namespace orrery {

/// What makes two orders the same order.
struct OrderLikeness {
  std::uint32_t instrument = 0;
  OrderSide side = OrderSide::kBuy;
  bool opens = false;     ///< a sale of what is held is another order than a short sale
  bool amount = false;    ///< `size` is money
  std::int64_t size = 0;  ///< micro-shares, or micro-units of money

  bool operator==(const OrderLikeness&) const = default;
  static OrderLikeness of(const CheckedOrder& order);
};

/// Remembers when each kind of order was last sent, for a while: a table of open addresses, that allocates
/// only when more orders are within the window than ever before.
class RecentOrders {
 public:
  explicit RecentOrders(std::int64_t window_nanoseconds);

  /// Returns when a like order was sent less than the window before `now`.
  std::optional<Timestamp> find(const OrderLikeness& order, Timestamp now) const;
  void add(const OrderLikeness& order, Timestamp now);

  struct Entry {
    OrderLikeness order;
    Timestamp sent;
    bool used = false;
  };
  /// Returns those that may still matter after `now`, sorted, so that equal states are equal.
  std::vector<Entry> within_window(Timestamp now) const;

 private:
  bool expired(const Entry& entry, Timestamp now) const {
    return now.nanoseconds - entry.sent.nanoseconds >= window_;
  }
  std::size_t slot(const OrderLikeness& order) const;
  void make_room(Timestamp now);

  std::int64_t window_;
  std::size_t used_ = 0;
  std::vector<Entry> table_;  ///< a power of two of them, at most half of them used
};

/// Remembers when the last orders were sent, as many as a limit allows.
class OrderRate {
 public:
  /// `orders` > 0 within `window_nanoseconds`.
  OrderRate(std::size_t orders, std::int64_t window_nanoseconds)
      : window_(window_nanoseconds), times_(orders, Timestamp{INT64_MIN}) {}

  /// Whether one more at `now` would be one too many.
  bool full(Timestamp now) const {
    const std::int64_t oldest = times_[next_].nanoseconds;
    return oldest != INT64_MIN && now.nanoseconds - oldest < window_;
  }
  void add(Timestamp now) {
    times_[next_] = now;
    next_ = next_ + 1 == times_.size() ? 0 : next_ + 1;
  }
  /// Returns the times, oldest first.
  std::vector<Timestamp> times() const;

 private:
  std::int64_t window_;
  std::size_t next_ = 0;
  std::vector<Timestamp> times_;  ///< a ring: the oldest stands at next_
};

}  // namespace orrery
