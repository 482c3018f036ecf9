#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "orrery/execution/broker.h"
#include "orrery/execution/clock.h"
#include "orrery/market/market_data.h"

namespace orrery {

/// Trading costs of one side.
struct Costs {
  double commission_bps = 0.0;  ///< of the traded value
  double slippage_bps = 0.0;    ///< of the traded value; booked as a cost, the fill price is the bar's own
  double min_cost = 0.0;        ///< least commission of a fill, in money
  double exchange_bps =
      0.0;                 ///< of the value traded in another currency than the account's; in the commission
  double per_share = 0.0;  ///< commission of each share beside the rate, in money
};

struct ExchangeConfig {
  Costs costs;
  Quantity lot = kMicroShare;           ///< fills are multiples of it
  std::optional<double> max_bar_share;  ///< of the bar's own volume; nothing: unlimited
};

/// A broker over daily bars: every order is answered at once from the bar of the clock's session.
/// Fill price: the raw close, open or vwap ((high+low+close)/3 where the data has none), by the order's type.
/// What a bar can't tell is decided against the order (docs/engine.md#order-types):
/// - kLimit: a purchase at the open where that is below the limit, else at the limit where the low is below
///   it; at a low that only equals it nothing is sure, and nothing is filled. Sales the other way round.
/// - kStop: a purchase at the open where that is at the stop or above it, else at the stop where the high
///   reaches it.
/// - kLimitOnClose: at the close where that is below the limit of a purchase, above that of a sale.
/// No bar: unfilled as halted; not at the price: as kPrice. Cuts, in this order of precedence where equal:
/// trailing volume, the bar's own volume (a bar without a volume fills nothing; data without a volume field
/// are unlimited), cash.
class SimulatedExchange final : public Broker {
 public:
  /// `market` and `clock` must outlive the exchange. Errors: kInvalidArgument for costs or shares out of
  /// range.
  SimulatedExchange(const MarketData& market, const Clock& clock, const ExchangeConfig& config);

  void submit(const Order& order) override;
  void poll(std::vector<OrderEvent>& events) override;

 private:
  struct Cut {
    Quantity wanted;
    Quantity filled;
    UnfilledReason reason = UnfilledReason::kNone;
  };
  /// What of a bar an order is held against; NaN: unknown.
  struct Bar {
    double open, high, low, close;
  };
  Bar bar_of(std::size_t row, std::uint32_t instrument) const;
  double market_price(std::size_t row, const Order& order) const;
  std::optional<Money> fill_price(std::size_t row, const Order& order) const;
  Cut cut_to_limits(std::size_t row, const Order& order, Money price) const;
  Quantity bar_limit(std::size_t row, std::uint32_t instrument) const;
  Quantity affordable(const Order& order, Money price, Quantity wanted) const;
  Money gross_price(std::uint32_t instrument, Money price) const;
  Money total_cost(std::uint32_t instrument, Money price, Quantity quantity) const;
  Money commission(std::uint32_t instrument, Money value, Quantity shares) const;
  Rate exchanging_rate(std::uint32_t instrument) const;
  void report_fill(const Order& order, Quantity quantity, Money price, bool last);
  void report_unfilled(const Order& order, Quantity quantity, UnfilledReason reason);

  const MarketData& market_;
  const Clock& clock_;
  Rate commission_rate_;
  Rate slippage_rate_;
  Rate exchanging_rate_;  ///< of what is traded in another currency
  Money min_commission_;
  Money share_commission_;
  Quantity lot_;
  std::optional<double> max_bar_share_;
  const Panel* open_;  ///< a field's pointer is null when the data has none
  const Panel* high_;
  const Panel* low_;
  const Panel* close_;
  const Panel* volume_;
  const Panel* vwap_;
  std::vector<OrderEvent> events_;
};

}  // namespace orrery
