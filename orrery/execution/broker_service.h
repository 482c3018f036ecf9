#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "orrery/execution/clock.h"
#include "orrery/execution/journal.h"
#include "orrery/execution/money.h"
#include "orrery/execution/order.h"

namespace orrery {

/// An order as it leaves the house. Its id is the account's own, so that a broker that gets it twice knows.
struct BrokerOrder {
  std::uint64_t id = 0;
  std::string symbol;
  OrderSide side = OrderSide::kBuy;
  OrderType type = OrderType::kMarketOnClose;
  Quantity quantity;      ///< as of Order
  Money notional;         ///< as of Order
  Money budget;           ///< as of Order
  Quantity volume_limit;  ///< as of Order
  Money price;            ///< as of Order

  bool operator==(const BrokerOrder&) const = default;
};

/// An answer as it stands in the broker's books.
struct BrokerAnswer {
  std::uint64_t sequence = 0;  ///< from 1, without gaps, in the order in which they happened
  OrderEvent event;
};

struct BrokerPosition {
  std::string symbol;
  Quantity quantity;  ///< negative when short; never zero

  bool operator==(const BrokerPosition&) const = default;
};

/// Something that happened to an account without an order: a dividend, a split, a deposit.
struct AccountChange {
  Date date;
  std::uint64_t number = 0;  ///< within the session, from 1; 0 for kRename
  EntryKind kind = EntryKind::kDeposit;
  std::string symbol;       ///< "" for cash alone
  Quantity quantity;        ///< added to the position
  Money cash;               ///< added to the cash
  std::string former = {};  ///< kRename: the symbol before, from which `quantity` is taken
};

/// A broker as one sees it over a wire that may fail: it keeps its own books, outlives the program, and can
/// be asked again. Every call may throw kUnavailable: then nobody knows whether the broker got it, and the
/// call may be repeated.
class BrokerService {
 public:
  virtual ~BrokerService() = default;
  /// Tells that a session is open for orders, for brokers that live on replayed bars.
  virtual void open_session(const Session&) {}
  /// Hands over an order. One that the broker has under this id already changes nothing. Errors:
  /// kInvalidArgument where it has another order under this id.
  virtual void place(const BrokerOrder& order) = 0;
  /// Returns the answers after `sequence`, as far as they are known; they may come in any order, doubled, or
  /// with gaps that a later call fills.
  virtual std::vector<BrokerAnswer> answers(std::uint64_t sequence) = 0;
  /// Returns the sequence of its last answer; 0: none yet.
  virtual std::uint64_t last_answer() = 0;
  /// Tells of a change, for brokers that don't learn of it themselves. One told before changes nothing: it is
  /// known by its date and number, a rename by its date and both symbols.
  virtual void apply(const AccountChange&) {}
  /// Makes sure that all that was answered outlives a power failure.
  virtual void flush() {}
  /// Says how far its own books on this machine are sure to be on the disk, for its next start to hold them
  /// against; "" for brokers elsewhere.
  virtual std::string bookmark() { return {}; }
  /// Returns what the account holds, by ascending symbol.
  virtual std::vector<BrokerPosition> positions() = 0;
  virtual Money cash() = 0;
};

}  // namespace orrery
