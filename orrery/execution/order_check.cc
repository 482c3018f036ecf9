#include "orrery/execution/order_check.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/execution/check_state.h"

namespace orrery {

Quantity CheckedOrder::opening() const {
  const Quantity against = order.side == OrderSide::kBuy ? -held : held;
  return shares - std::clamp(against, Quantity{}, shares);
}

void OrderCheck::open_session(const Session& /*session*/, const MarketFeed& /*feed*/) {}
void OrderCheck::close_session(const Session& /*session*/, const MarketFeed& /*feed*/) {}
void OrderCheck::sent(const CheckedOrder& /*order*/) {}
void OrderCheck::booked(const JournalEntry& /*entry*/) {}
void OrderCheck::restore(std::string_view /*state*/) {}
void OrderCheck::begin(const PastEntries& /*past*/) {}

OrderFinding OrderCheck::finding(const CheckedOrder& order, bool refused, std::string_view rule,
                                 std::string figures) {
  return {order.order.id, order.session, order.order.instrument, order.order.side, order.shares,
          refused,        rule,          std::move(figures)};
}

OrderFinding OrderCheck::account_finding(const Session& session, std::string_view rule, std::string figures) {
  return {0, session, kNoInstrument, OrderSide::kBuy, {}, false, rule, std::move(figures)};
}

void OrderCheckList::add(std::string name, std::unique_ptr<OrderCheck> check) {
  checks_.push_back({std::move(name), std::move(check)});
}

void OrderCheckList::open_session(const Session& session, const MarketFeed& feed) {
  for (const Named& each : checks_) each.check->open_session(session, feed);
}

void OrderCheckList::force(const AccountView& account, std::vector<ForcedReduction>& reductions) const {
  std::vector<ForcedReduction> wanted;
  for (const Named& each : checks_) each.check->force(account, wanted);
  for (const ForcedReduction& reduction : wanted) {
    const auto same = std::find_if(reductions.begin(), reductions.end(), [&](const ForcedReduction& other) {
      return other.instrument == reduction.instrument;
    });
    if (same == reductions.end()) {
      reductions.push_back(reduction);
    } else {
      same->quantity = std::max(same->quantity, reduction.quantity);
    }
  }
}

void OrderCheckList::close_session(const Session& session, const MarketFeed& feed) {
  for (const Named& each : checks_) each.check->close_session(session, feed);
}

void OrderCheckList::close_account(const AccountView& account, std::vector<OrderFinding>& findings) {
  for (const Named& each : checks_) each.check->close_account(account, findings);
}

void OrderCheckList::judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const {
  for (const Named& each : checks_) {
    each.check->judge(order, findings);
    if (refuses(findings)) return;
  }
}

void OrderCheckList::sent(const CheckedOrder& order) {
  for (const Named& each : checks_) each.check->sent(order);
}

void OrderCheckList::booked(const JournalEntry& entry) {
  for (const Named& each : checks_) each.check->booked(entry);
}

std::string OrderCheckList::save() const {
  nlohmann::json state = nlohmann::json::object();
  for (const Named& each : checks_) state[each.name] = nlohmann::json::parse(each.check->save());
  return state.dump();
}

void OrderCheckList::restore(std::string_view state) {
  read_check_state("order checks", state, [&](const nlohmann::json& read) {
    for (const Named& each : checks_) {  // one that is new to the list begins anew
      if (read.contains(each.name)) each.check->restore(read.at(each.name).dump());
    }
  });
}

void OrderCheckList::begin(const PastEntries& past) {
  for (const Named& each : checks_) each.check->begin(past);
}

bool refuses(const std::vector<OrderFinding>& findings) {
  return std::any_of(findings.begin(), findings.end(), [](const OrderFinding& each) { return each.refused; });
}

}  // namespace orrery
