#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "orrery/execution/order_check.h"

namespace orrery {

/// Other checks, with a state that outlives a change of the data's symbols: an instrument's place is another
/// one when a symbol comes before it. In a check's state every place stands as `{"instrument": PLACE}`.
class SymbolKeyedChecks final : public OrderCheck {
 public:
  SymbolKeyedChecks(std::unique_ptr<OrderCheck> checks, std::vector<std::string> symbols)
      : checks_(std::move(checks)), symbols_(std::move(symbols)) {}

  void open_session(const Session& session, const MarketFeed& feed) override {
    checks_->open_session(session, feed);
  }
  void close_session(const Session& session, const MarketFeed& feed) override {
    checks_->close_session(session, feed);
  }
  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override {
    checks_->judge(order, findings);
  }
  void sent(const CheckedOrder& order) override { checks_->sent(order); }
  void booked(const JournalEntry& entry) override { checks_->booked(entry); }
  std::string save() const override;
  /// Errors: kDataCorrupt; kNotFound for a symbol of the state that the data no longer have.
  void restore(std::string_view state) override;

 private:
  std::unique_ptr<OrderCheck> checks_;
  std::vector<std::string> symbols_;
};

}  // namespace orrery
