#pragma once

#include <cstdint>
#include <string_view>

#include "orrery/execution/money.h"

namespace orrery {

enum class OrderSide : std::uint8_t { kBuy, kSell };

/// The auction or benchmark at which an order is to be filled, or the price that decides whether it is.
enum class OrderType : std::uint8_t {
  kMarketOnClose,
  kMarketOnOpen,
  kVwap,
  kLimit,         ///< from the open on, at `price` or better
  kStop,          ///< from the open on: once the market is at `price` or beyond, at the price of the market
  kLimitOnClose,  ///< at the close, where it is better than `price`
};

/// Why an order, or a part of it, was not filled.
enum class UnfilledReason : std::uint8_t {
  kNone,
  kHalted,         ///< the instrument has no bar, or no usable price, on that session
  kAverageVolume,  ///< cut to the allowed share of the trailing average volume
  kBarVolume,      ///< cut to the allowed share of the session's own volume
  kCash,           ///< the account cannot pay for more
  kBelowLot,       ///< less than one share (whole-share mode) or one micro-share
  kRefused,        ///< an order check refused it; it was never sent
  kPrice,          ///< the market did not come to the order's price
};

/// A day order: it is filled on the session it is submitted for, and what is left of it then expires.
struct Order {
  std::uint64_t id = 0;  ///< unique within the account, ascending
  std::uint32_t instrument = 0;
  OrderSide side = OrderSide::kBuy;
  OrderType type = OrderType::kMarketOnClose;
  Quantity quantity;        ///< upper limit of the shares to trade, > 0
  Money notional;           ///< when > 0: trade for this amount at the fill price, at most `quantity`
  Money budget;             ///< buys: the account pays at most this, costs included
  Quantity volume_limit;    ///< shares that the trailing average volume allows
  Money price;              ///< of kLimit, kStop and kLimitOnClose
  std::string_view reason;  ///< the strategy's reason, a literal
};

enum class OrderEventKind : std::uint8_t { kFill, kUnfilled };

/// A broker's answer to an order: a fill (several are possible), then the rest that was not filled, if any.
struct OrderEvent {
  OrderEventKind kind = OrderEventKind::kFill;
  std::uint64_t order_id = 0;
  Quantity quantity;  ///< filled, or left unfilled; positive
  Money price;        ///< fills: raw price of one share
  Money commission;   ///< fills: charged by the broker, >= 0
  Money slippage;     ///< fills: cost of trading away from `price`, >= 0
  UnfilledReason unfilled_reason = UnfilledReason::kNone;
  bool last = true;  ///< nothing more comes for this order
};

/// Returns the value as it stands in tables: "buy", "halted", ….
std::string_view to_string(OrderSide side);
std::string_view to_string(UnfilledReason reason);
std::string_view to_string(OrderType type);

}  // namespace orrery
