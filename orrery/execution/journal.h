#pragma once

#include <cstdint>
#include <string_view>

#include "orrery/execution/clock.h"
#include "orrery/execution/money.h"
#include "orrery/execution/order.h"
#include "orrery/portfolio/strategy.h"

namespace orrery {

struct OrderFinding;

enum class EntryKind : std::uint8_t {
  kDeposit,     ///< value: cash paid in
  kTrade,       ///< a fill
  kDividend,    ///< price: cash for one share; quantity: shares held; value: cash (negative when short)
  kSplit,       ///< quantity: change in shares; no cash
  kCashInLieu,  ///< a fraction of a share left by a split, sold (or bought back) at `price`
  kDelisting,   ///< the position closed at the last price × (1 + delisting return)
  kFunding,     ///< price: mark; quantity: contracts held, signed; value: cash, -rate × price × quantity
  kAdjustment,  ///< the broker's word taken over the account's: quantity: change in shares, or value: of cash
  kBorrowFee,  ///< price: last price; quantity: shares short, negative; value: cash, rate × price × quantity
  kInterest,   ///< price: free cash; quantity: 1; value: cash, rate × price; of no instrument
  kRename,     ///< reason: the symbol before; quantity: shares held, signed, which go on as they are; no cash
};

inline constexpr std::uint32_t kNoInstrument = 0xFFFFFFFF;

/// One booking. The entries alone, with closing prices, rebuild cash, positions and equity.
struct JournalEntry {
  Session session;
  EntryKind kind = EntryKind::kTrade;
  OrderSide side = OrderSide::kBuy;  ///< of kTrade, kCashInLieu and kDelisting
  std::uint32_t instrument = kNoInstrument;
  std::uint64_t order_id = 0;
  Quantity quantity;  ///< positive; kSplit: signed change; kDividend and kFunding: signed, as held
  Money price;
  Money value;  ///< price × quantity
  Money commission;
  Money slippage;
  Money realised;           ///< profit or loss over average cost
  Rate rate;                ///< kFunding, kBorrowFee, kInterest: of the days since the session before
  std::string_view reason;  ///< a literal, or text that outlives the run
};

/// An order, or the part of it, that was not filled.
struct UnfilledOrder {
  Session session;
  std::uint32_t instrument = 0;
  OrderSide side = OrderSide::kBuy;
  std::uint64_t order_id = 0;
  Quantity quantity;  ///< not filled; zero when the order was for an amount and had no price
  UnfilledReason reason = UnfilledReason::kNone;
};

/// Where the engine writes down what it does, in the order in which it happens. Append only.
class Journal {
 public:
  virtual ~Journal() = default;
  virtual void append(const JournalEntry& entry) = 0;
  virtual void append(const UnfilledOrder& order) = 0;
  /// `decided` is the session after whose close the strategy spoke.
  virtual void append(const Session& decided, const Decision& decision) = 0;
  /// What an order check said of an order: of each that was refused, and of each that it warned of.
  virtual void note(const OrderFinding& /*finding*/) {}
};

/// Returns the value as it stands in tables: "trade", "dividend", ….
std::string_view to_string(EntryKind kind);

}  // namespace orrery
