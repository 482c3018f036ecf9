#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/timestamp.h"
#include "orrery/execution/clock.h"
#include "orrery/execution/journal.h"
#include "orrery/execution/market_feed.h"
#include "orrery/execution/order.h"

namespace orrery {

/// An order that waits to be sent, with what was known when it was made. Prices are of one share, in shares
/// as they count in this session; zero where nobody knows.
struct CheckedOrder {
  Order order;
  Session session;
  Timestamp time;    ///< of the clock; an engine of daily sessions gives the start of the day, UTC
  Quantity shares;   ///< of the order; one for an amount: at the price, else at the last close
  Quantity held;     ///< before it, orders that are out included; negative: short
  Money last_close;  ///< of the instrument's last bar before this session
  Money price;       ///< at which it would trade as far as is known: the open, for orders that come after it
  Money equity;      ///< of the account at the last marks, before the session's first order
  bool amount = false;  ///< the order is for an amount, and `shares` an estimate

  /// Returns the shares by which it makes the position larger on either side of nothing.
  Quantity opening() const;
  /// Returns the shares of the position that it closes.
  Quantity closing() const { return shares - opening(); }
  /// Returns the price, or the last close where it isn't known.
  Money likely_price() const { return price.micros > 0 ? price : last_close; }
};

/// What a check has to say of an order.
struct OrderFinding {
  std::uint64_t order_id = 0;  ///< 0: of the account, not of an order
  Session session;
  std::uint32_t instrument = 0;  ///< kNoInstrument: of the account
  OrderSide side = OrderSide::kBuy;
  Quantity shares;
  bool refused = true;    ///< false: a warning, the order is sent
  std::string_view rule;  ///< a literal, such as "price_collar"
  std::string figures;    ///< in words: what was found and what is allowed
};

/// The whole account, for checks that look at more than one order.
struct AccountView {
  Session session;
  Money equity;
  std::span<const Position> positions;  ///< by ascending instrument, at their last marks
};

/// What has to be closed of a position before anything else is traded.
struct ForcedReduction {
  std::uint32_t instrument = 0;
  Quantity quantity;  ///< positive: to be sold of a long position, to be bought back of a short one
};

/// Stands between the engine's orders and the broker. judge() tells whether an order may go and changes
/// nothing; what really happened comes through the other calls. Knows of nothing later than the order. Never
/// throws on the way of an order, and allocates nothing for one that is allowed. One thread, apart from what
/// a check says of itself.
class OrderCheck {
 public:
  virtual ~OrderCheck() = default;
  /// A session begins; `feed` is open on it, and the account's splits and dividends are booked.
  virtual void open_session(const Session& session, const MarketFeed& feed);
  /// Appends what has to be closed now, before the session's orders; behind open_session. What opens a
  /// position in a decision on its way then gives way.
  virtual void force(const AccountView& /*account*/, std::vector<ForcedReduction>& /*reductions*/) const {}
  /// Trading is over: the session's bars are known.
  virtual void close_session(const Session& session, const MarketFeed& feed);
  /// The account was marked to the close. Appends what is to be written down of it though nobody asked for an
  /// order: findings of no order and no instrument (account_finding).
  virtual void close_account(const AccountView& /*account*/, std::vector<OrderFinding>& /*findings*/) {}
  /// Appends what is wrong with the order, worst first; nothing: it may go.
  virtual void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const = 0;
  /// The order went to the broker.
  virtual void sent(const CheckedOrder& order);
  /// The account booked something: a fill, a split, a delisting, ….
  virtual void booked(const JournalEntry& entry);

  /// Writes all that restore() needs to go on as if nothing had happened: JSON, in one line.
  virtual std::string save() const { return "{}"; }
  /// Takes up a saved state, of a check with the same settings and symbols.
  /// Errors: kDataCorrupt for what save() can't have written.
  virtual void restore(std::string_view state);

  /// Returns an account's bookings after a day, or all of them, in their order.
  using PastEntries = std::function<std::vector<JournalEntry>(std::optional<Date> after)>;
  /// An account goes on that has a past; after restore(), where there was a state. A check that needs the
  /// account's bookings and has not seen them all catches up.
  virtual void begin(const PastEntries& past);

 protected:
  /// Makes a finding of the order.
  static OrderFinding finding(const CheckedOrder& order, bool refused, std::string_view rule,
                              std::string figures);
  /// Makes a finding of the whole account.
  static OrderFinding account_finding(const Session& session, std::string_view rule, std::string figures);
};

/// Several checks as one. They are asked in order; after one has refused, the others are not.
class OrderCheckList final : public OrderCheck {
 public:
  /// `name` is the key of its state.
  void add(std::string name, std::unique_ptr<OrderCheck> check);
  bool empty() const { return checks_.empty(); }

  void open_session(const Session& session, const MarketFeed& feed) override;
  /// Of several that want a position smaller, the one that wants most of it.
  void force(const AccountView& account, std::vector<ForcedReduction>& reductions) const override;
  void close_session(const Session& session, const MarketFeed& feed) override;
  void close_account(const AccountView& account, std::vector<OrderFinding>& findings) override;
  void judge(const CheckedOrder& order, std::vector<OrderFinding>& findings) const override;
  void sent(const CheckedOrder& order) override;
  void booked(const JournalEntry& entry) override;
  std::string save() const override;
  void restore(std::string_view state) override;
  void begin(const PastEntries& past) override;

 private:
  struct Named {
    std::string name;
    std::unique_ptr<OrderCheck> check;
  };
  std::vector<Named> checks_;
};

/// Whether any of the findings refuses the order.
bool refuses(const std::vector<OrderFinding>& findings);

}  // namespace orrery
