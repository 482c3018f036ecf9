#include "orrery/execution/day_trades.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/execution/check_state.h"
#include "orrery/execution/share_change.h"

namespace orrery {

void DayTrades::open_session(const Session& session) {
  if (!days_.empty() && days_.back().row == session.row) return;  // taken up again within a session
  today_.clear();
  days_.push_back({session.row, 0, 0});
  while (days_.front().row + static_cast<std::size_t>(window_) <= session.row) days_.pop_front();
}

void DayTrades::book(const JournalEntry& entry) {
  if (entry.instrument == kNoInstrument) return;
  const Quantity change = share_change(entry);
  if (entry.kind == EntryKind::kTrade && !days_.empty()) {
    Activity activity = activity_of(entry.instrument);
    if (entry.order_id != activity.last_order) ++days_.back().trades;
    days_.back().day_trades += apply(activity, entry.side, entry.quantity, entry.order_id);
    activity.last_order = entry.order_id;
    today_[entry.instrument] = activity;
  }
  if (change.micros == 0) return;
  const Quantity after = held_[entry.instrument] += change;
  if (after.micros == 0) held_.erase(entry.instrument);
}

DayTrades::Activity DayTrades::activity_of(std::uint32_t instrument) const {
  if (const auto found = today_.find(instrument); found != today_.end()) return found->second;
  Activity activity;
  if (const auto held = held_.find(instrument); held != held_.end()) activity.overnight = held->second;
  return activity;
}

/// Lets a trade close what was opened today, then what was held overnight, and open with the rest. Returns
/// the day trades that this makes.
int DayTrades::apply(Activity& activity, OrderSide side, Quantity shares, std::uint64_t order) const {
  if (activity.last_order != 0 && side != activity.last) activity.counted = false;
  activity.last = side;
  int made = 0;
  if (!activity.openings.empty() && activity.opened != side) made = close_opened(activity, shares);
  const Quantity overnight = side == OrderSide::kBuy ? -activity.overnight : activity.overnight;
  const Quantity closes = std::clamp(overnight, Quantity{}, shares);
  activity.overnight += side == OrderSide::kBuy ? closes : -closes;
  shares -= closes;
  if (shares.micros == 0) return made;
  activity.opened = side;
  if (!activity.openings.empty() && activity.openings.back().order == order) {
    activity.openings.back().shares += shares;
  } else {
    activity.openings.push_back({order, shares, false});
  }
  return made;
}

int DayTrades::close_opened(Activity& activity, Quantity& shares) const {
  int orders = 0;
  for (Opening& opening : activity.openings) {
    if (shares.micros == 0) break;
    const Quantity closed = std::min(shares, opening.shares);
    opening.shares -= closed;
    shares -= closed;
    if (!opening.counted) ++orders;
    opening.counted = true;
  }
  std::erase_if(activity.openings, [](const Opening& opening) { return opening.shares.micros == 0; });
  if (count_ == DayTradeCount::kOpeningOrders) return orders;
  const bool counted = std::exchange(activity.counted, true);
  return counted ? 0 : 1;
}

int DayTrades::added_by(const CheckedOrder& order) const {
  const auto found = today_.find(order.order.instrument);
  if (found == today_.end() || found->second.opened == order.order.side || found->second.openings.empty()) {
    return 0;
  }
  Activity activity = found->second;
  return apply(activity, order.order.side, order.shares, order.order.id);
}

int DayTrades::day_trades() const {
  int sum = 0;
  for (const Day& day : days_) sum += day.day_trades;
  return sum;
}

int DayTrades::trades() const {
  int sum = 0;
  for (const Day& day : days_) sum += day.trades;
  return sum;
}

std::string DayTrades::save() const {
  nlohmann::json held = nlohmann::json::array();
  for (const auto& [instrument, shares] : held_) held.push_back({place_state(instrument), shares.micros});
  nlohmann::json today = nlohmann::json::array();
  for (const auto& [instrument, activity] : today_) {
    nlohmann::json openings = nlohmann::json::array();
    for (const Opening& opening : activity.openings) {
      openings.push_back({opening.order, opening.shares.micros, opening.counted});
    }
    today.push_back({place_state(instrument), activity.overnight.micros, openings,
                     activity.opened == OrderSide::kBuy, activity.last == OrderSide::kBuy,
                     activity.last_order, activity.counted});
  }
  nlohmann::json days = nlohmann::json::array();
  for (const Day& day : days_) days.push_back({day.row, day.day_trades, day.trades});
  return nlohmann::json{{"held", held}, {"today", today}, {"days", days}}.dump();
}

void DayTrades::restore(std::string_view state) {
  const auto side = [](const nlohmann::json& buys) {
    return buys.get<bool>() ? OrderSide::kBuy : OrderSide::kSell;
  };
  read_check_state("day trades", state, [&](const nlohmann::json& read) {
    held_.clear();
    today_.clear();
    days_.clear();
    for (const auto& row : read.at("held")) {
      held_[place_from(row.at(0))] = {row.at(1).get<std::int64_t>()};
    }
    for (const auto& row : read.at("today")) {
      Activity& activity = today_[place_from(row.at(0))];
      activity.overnight = {row.at(1).get<std::int64_t>()};
      for (const auto& opening : row.at(2)) {
        activity.openings.push_back({opening.at(0).get<std::uint64_t>(),
                                     {opening.at(1).get<std::int64_t>()},
                                     opening.at(2).get<bool>()});
      }
      activity.opened = side(row.at(3));
      activity.last = side(row.at(4));
      activity.last_order = row.at(5).get<std::uint64_t>();
      activity.counted = row.at(6).get<bool>();
    }
    for (const auto& row : read.at("days")) {
      days_.push_back({row.at(0).get<std::size_t>(), row.at(1).get<int>(), row.at(2).get<int>()});
    }
  });
}

}  // namespace orrery
