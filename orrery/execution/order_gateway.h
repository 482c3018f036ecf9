#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/wait_clock.h"
#include "orrery/execution/account_journal.h"
#include "orrery/execution/broker.h"
#include "orrery/execution/broker_service.h"

namespace orrery {

struct GatewaySettings {
  /// Flush the journal before every order is handed over, so that even a power failure can't make one
  /// unknown; without it once a session, which is enough where the broker lives on the same disk.
  bool sync_orders = true;
  double patience_seconds = 60.0;  ///< how long an answer is waited for before the account stops
  double pause_seconds = 0.05;     ///< between two tries, at first; doubled up to 64 times that
};

/// What a broker says an account holds.
struct BrokerBooks {
  std::vector<BrokerPosition> positions;  ///< by ascending symbol
  Money cash;
};

/// Brings the engine's orders to a broker and its answers back, each exactly once, over a wire that loses,
/// doubles, delays and reorders: an order stands in the journal before it is handed over, and is handed over
/// under the same id until the broker has answered it; answers are taken in the order of their sequence.
/// submit() returns when the order's last answer is there. Errors: kUnavailable when the broker does not
/// answer in time: the account then goes on where it was once it is started again.
class OrderGateway final : public Broker {
 public:
  /// All parts must outlive the gateway. `symbols` by instrument; `last_answer` and
  /// `last_order` are the last that the account has booked.
  OrderGateway(const GatewaySettings& settings, BrokerService& service, AccountJournal& journal,
               WaitClock& clock, std::span<const std::string> symbols, std::uint64_t last_answer,
               std::uint64_t last_order);

  /// Takes up the records of a session that was interrupted: its orders are not journaled again, and have to
  /// be the same. Errors: kDataCorrupt.
  void resume(std::span<const std::string_view> records);

  /// Errors: kUnavailable; kDataCorrupt where an interrupted session had sent another order under this id.
  void submit(const Order& order) override;
  void poll(std::vector<OrderEvent>& events) override;

  /// Returns the broker's books before a session. Errors: kDataCorrupt where it no longer knows answers that
  /// the account has booked.
  BrokerBooks open_books();
  /// As of BrokerService; tried again as long as patience lasts.
  void apply(const AccountChange& change);
  /// Makes the broker's answers safe and returns its books, once a session's orders are done. Errors:
  /// kDataCorrupt where it answers an order that this account never sent.
  BrokerBooks close_session();

  std::uint64_t last_answer() const { return last_answer_; }

 private:
  void journal_order(const BrokerOrder& order);
  void hand_over(const BrokerOrder& order);
  void await(const BrokerOrder& order);
  void collect();
  void accept(const BrokerAnswer& answer);
  template <class Call>
  void insist(const std::string& matter, const Call& call);

  const GatewaySettings settings_;
  BrokerService& service_;
  AccountJournal& journal_;
  WaitClock& clock_;
  const std::span<const std::string> symbols_;
  std::uint64_t last_answer_;
  std::uint64_t last_order_;                     ///< handed over
  std::optional<std::uint64_t> answered_;        ///< the order whose last answer came last
  std::map<std::uint64_t, BrokerOrder> sent_;    ///< of the interrupted session, by id
  std::map<std::uint64_t, std::string> told_;    ///< its answers' records, by sequence
  std::map<std::uint64_t, BrokerAnswer> early_;  ///< answers that it is not yet the turn of
  std::vector<OrderEvent> events_;
};

}  // namespace orrery
