#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "orrery/execution/broker.h"
#include "orrery/execution/clock.h"
#include "orrery/execution/financing.h"
#include "orrery/execution/journal.h"
#include "orrery/execution/ledger.h"
#include "orrery/execution/market_feed.h"
#include "orrery/execution/order_check.h"
#include "orrery/execution/order_plan.h"
#include "orrery/portfolio/strategy.h"
#include "orrery/risk/risk_control.h"

namespace orrery {

/// Orders of a price: it is so far from the last close before their session, in shares as they count in it.
struct PricedOrders {
  enum class Of : std::uint8_t { kEntries, kExits, kAll };

  OrderType type = OrderType::kLimit;  ///< kLimit, kStop or kLimitOnClose
  /// Fraction of the last close: a limit is so far on the better side of it (below, for purchases), a stop so
  /// far on the worse. Nothing: no order has a price.
  std::optional<double> offset;
  Of of = Of::kEntries;  ///< what opens or enlarges a position, what closes or reduces one, or both
};

struct EngineConfig {
  int delay = 1;  ///< sessions between a decision (after a close) and its orders, >= 1
  OrderType order_type = OrderType::kMarketOnClose;
  Quantity lot = kMicroShare;              ///< kWholeShare for whole shares
  std::optional<double> max_volume_share;  ///< of the trailing average daily volume, per order
  int volume_window = 20;                  ///< sessions of that average, all before the order's session
  FinancingRates financing;                ///< of borrowed shares and money, and of free cash
  PricedOrders priced;                     ///< which orders have a price, and which
  int slices = 1;                          ///< sessions that a decision is traded over, in equal parts
  /// Instead of equal parts: all that is left, up to this share of the average volume, each session.
  std::optional<double> slice_volume_share;
};

/// What a person lets the engine do.
enum class TradingMode : std::uint8_t {
  kOn,
  kFlatten,  ///< everything is closed, and nothing is bought
  kPaused,   ///< no decisions and no orders; what happens to positions by itself is booked
};

/// A decision on its way to the market.
struct PendingPlan {
  std::size_t due_step = 0;  ///< number of sessions after which it is traded
  OrderPlan plan;
  bool begun = false;  ///< a part of it was traded already
};

/// What an engine keeps from one session to the next, besides its ledger, its strategy and its risk control.
struct EngineState {
  std::size_t steps = 0;  ///< sessions done
  std::uint64_t last_order_id = 0;
  Money capital;  ///< paid in, as the risk control was last told
  TradingMode mode = TradingMode::kOn;
  std::vector<PendingPlan> pending;  ///< by due step
};

/// What one session did to the account, after its close.
struct SessionReport {
  Session session;
  Money cash;
  Money equity;
  Money long_value;
  Money short_value;  ///< not positive
  Money bought;       ///< value of buys, without costs
  Money sold;         ///< value of sells, without costs
  Money commission;
  Money slippage;
  Money funding;    ///< received less paid
  Money financing;  ///< interest earned less interest and fees of borrowing paid
  std::size_t positions = 0;
};

/// The event loop: a clock tells the session, a feed its market, a strategy the targets, a broker the fills,
/// and the ledger keeps the account. Which of them are simulated is not the engine's business.
///
/// One session, in this order: interest and fees of borrowing for the days since the one before; splits,
/// dividends and funding before the trading; what the checks force to be closed; the orders of the decision
/// that is due, sales first, then purchases by rank with the cash that is there; funding after it; marking to
/// the close; delistings; what the checks say of the account; the next decision, which the risk control may
/// change. Look-ahead: orders are sized from closes up to their decision and cash at their session, never
/// from the price that fills them. Errors: whatever the parts throw; the engine itself throws
/// kInvalidArgument for a bad configuration and kInternal for a target that is not finite, of no instrument,
/// or new without a price. An account whose equity is not above zero takes no more decisions.
class Engine {
 public:
  /// All parts must outlive the engine. `ledger` holds the opening account. `risk` may be null: then the
  /// strategy's word is law. `checks` may be null: then every order is sent. An order that they refuse is
  /// unfilled (kRefused), and the journal is told their findings.
  Engine(const EngineConfig& config, Clock& clock, MarketFeed& feed, Broker& broker, Strategy& strategy,
         Ledger& ledger, Journal& journal, RiskControl* risk = nullptr, OrderCheck* checks = nullptr);
  ~Engine();
  Engine(const Engine&) = delete;
  Engine& operator=(const Engine&) = delete;

  /// Runs the next session. Returns nothing when the clock has none left.
  std::optional<SessionReport> step();

  /// From now on. The decisions on their way are dropped; a flattening closes what is held in the next
  /// session.
  void set_mode(TradingMode mode);
  EngineState state() const;
  /// Goes on where another engine stood between two sessions; the ledger has its account.
  void restore(EngineState state);

 private:
  class Loop;
  std::unique_ptr<Loop> loop_;
};

/// Returns "on", "flatten" or "paused".
std::string_view to_string(TradingMode mode);

}  // namespace orrery
