#include "orrery/execution/recent_orders.h"

#include <algorithm>
#include <tuple>
#include <utility>

namespace orrery {
namespace {

constexpr std::size_t kLeastTable = 1024;

std::uint64_t mix(std::uint64_t bits) {
  bits ^= bits >> 32;
  bits *= 0x9E3779B97F4A7C15U;
  return bits ^ bits >> 29;
}

auto order_of(const RecentOrders::Entry& entry) {
  const OrderLikeness& order = entry.order;
  return std::tuple(entry.sent.nanoseconds, order.instrument, order.side, order.opens, order.amount,
                    order.size);
}

}  // namespace

OrderLikeness OrderLikeness::of(const CheckedOrder& order) {
  OrderLikeness likeness;
  likeness.instrument = order.order.instrument;
  likeness.side = order.order.side;
  likeness.opens = order.opening().micros > 0;
  likeness.amount = order.amount;
  likeness.size = order.amount ? order.order.notional.micros : order.shares.micros;
  return likeness;
}

RecentOrders::RecentOrders(std::int64_t window_nanoseconds)
    : window_(window_nanoseconds), table_(kLeastTable) {}

std::size_t RecentOrders::slot(const OrderLikeness& order) const {
  const std::uint64_t name = std::uint64_t{order.instrument} << 3U |
                             static_cast<std::uint64_t>(order.side) << 2U | std::uint64_t{order.opens} << 1U |
                             std::uint64_t{order.amount};
  std::size_t place = mix(mix(name) + static_cast<std::uint64_t>(order.size)) & (table_.size() - 1);
  while (table_[place].used && table_[place].order != order) place = (place + 1) & (table_.size() - 1);
  return place;
}

std::optional<Timestamp> RecentOrders::find(const OrderLikeness& order, Timestamp now) const {
  const Entry& entry = table_[slot(order)];
  if (!entry.used || expired(entry, now)) return std::nullopt;
  return entry.sent;
}

void RecentOrders::add(const OrderLikeness& order, Timestamp now) {
  if (2 * used_ >= table_.size()) make_room(now);
  Entry& entry = table_[slot(order)];
  if (!entry.used) ++used_;
  entry = {order, now, true};
}

/// Forgets what has expired, and doubles the table where a quarter of it is still in use.
void RecentOrders::make_room(Timestamp now) {
  const std::vector<Entry> kept = within_window(now);
  std::fill(table_.begin(), table_.end(), Entry{});
  if (4 * kept.size() >= table_.size()) table_.resize(2 * table_.size());
  used_ = kept.size();
  for (const Entry& entry : kept) table_[slot(entry.order)] = entry;
}

std::vector<RecentOrders::Entry> RecentOrders::within_window(Timestamp now) const {
  std::vector<Entry> kept;
  for (const Entry& entry : table_) {
    if (entry.used && !expired(entry, now)) kept.push_back(entry);
  }
  std::sort(kept.begin(), kept.end(),
            [](const Entry& left, const Entry& right) { return order_of(left) < order_of(right); });
  return kept;
}

std::vector<Timestamp> OrderRate::times() const {
  std::vector<Timestamp> times;
  for (std::size_t i = 0; i < times_.size(); ++i) {
    const Timestamp time = times_[(next_ + i) % times_.size()];
    if (time.nanoseconds != INT64_MIN) times.push_back(time);
  }
  return times;
}

}  // namespace orrery
