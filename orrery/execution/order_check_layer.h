#pragma once

#include <string>
#include <string_view>

#include "orrery/execution/order_check.h"

namespace orrery {

/// Stands around another check, or none, and hands every call on to it.
class OrderCheckLayer : public OrderCheck {
 public:
  /// `inner` may be null: then every order may go. It must outlive this.
  explicit OrderCheckLayer(OrderCheck* inner) : inner_(inner) {}

  void open_session(const Session& session, const MarketFeed& feed) override {
    if (inner_ != nullptr) inner_->open_session(session, feed);
  }
  void close_session(const Session& session, const MarketFeed& feed) override {
    if (inner_ != nullptr) inner_->close_session(session, feed);
  }
  void force(const AccountView& account, std::vector<ForcedReduction>& reductions) const override {
    if (inner_ != nullptr) inner_->force(account, reductions);
  }
  void close_account(const AccountView& account, std::vector<OrderFinding>& findings) override {
    if (inner_ != nullptr) inner_->close_account(account, findings);
  }
  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override {
    if (inner_ != nullptr) inner_->judge(order, findings);
  }
  void sent(const CheckedOrder& order) override {
    if (inner_ != nullptr) inner_->sent(order);
  }
  void booked(const JournalEntry& entry) override {
    if (inner_ != nullptr) inner_->booked(entry);
  }
  /// Returns "" where there is no inner check.
  std::string save() const override { return inner_ != nullptr ? inner_->save() : ""; }
  void restore(std::string_view state) override {
    if (inner_ != nullptr) inner_->restore(state);
  }
  void begin(const PastEntries& past) override {
    if (inner_ != nullptr) inner_->begin(past);
  }

 private:
  OrderCheck* inner_;
};

}  // namespace orrery
