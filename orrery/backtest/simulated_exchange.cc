#include "orrery/backtest/simulated_exchange.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <string_view>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr Quantity kUnlimitedShares{std::numeric_limits<std::int64_t>::max()};

const Panel* find_raw(const MarketData& market, std::string_view name) {
  const auto found = market.raw.find(name);
  return found != market.raw.end() ? &found->second : nullptr;
}

Money checked_cost(std::string_view name, double cost) {
  if (!(cost >= 0.0)) {
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("{} must be at least 0; found {}", name, cost));
  }
  return to_money(cost);
}

std::optional<double> checked_share(std::optional<double> share) {
  if (share && !(*share > 0.0)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("max_bar_share must be above 0; found {}", *share));
  }
  return share;
}

}  // namespace

SimulatedExchange::SimulatedExchange(const MarketData& market, const Clock& clock,
                                     const ExchangeConfig& config)
    : market_(market),
      clock_(clock),
      commission_rate_(rate_from_basis_points(config.costs.commission_bps)),
      slippage_rate_(rate_from_basis_points(config.costs.slippage_bps)),
      exchanging_rate_(rate_from_basis_points(config.costs.exchange_bps)),
      min_commission_(checked_cost("min_cost", config.costs.min_cost)),
      share_commission_(checked_cost("per_share", config.costs.per_share)),
      lot_(config.lot),
      max_bar_share_(checked_share(config.max_bar_share)),
      open_(find_raw(market, "open")),
      high_(find_raw(market, "high")),
      low_(find_raw(market, "low")),
      close_(find_raw(market, "close")),
      volume_(find_raw(market, "volume")),
      vwap_(find_raw(market, "vwap")) {}

void SimulatedExchange::submit(const Order& order) {
  const std::size_t row = clock_.now().row;
  const bool unknown = order.quantity == kUnlimitedShares;
  if (!(market_price(row, order) > 0.0)) {
    report_unfilled(order, unknown ? Quantity{} : order.quantity, UnfilledReason::kHalted);
    return;
  }
  const auto price = fill_price(row, order);
  if (!price) {
    report_unfilled(order, unknown ? Quantity{} : order.quantity, UnfilledReason::kPrice);
    return;
  }
  const Cut cut = cut_to_limits(row, order, *price);
  const Quantity rest = cut.wanted - cut.filled;
  if (cut.filled.micros > 0) report_fill(order, cut.filled, *price, rest.micros == 0);
  if (rest.micros > 0 || cut.wanted.micros == 0) report_unfilled(order, rest, cut.reason);
}

void SimulatedExchange::poll(std::vector<OrderEvent>& events) {
  events.insert(events.end(), events_.begin(), events_.end());
  events_.clear();
}

SimulatedExchange::Bar SimulatedExchange::bar_of(std::size_t row, std::uint32_t instrument) const {
  const auto value = [&](const Panel* panel) {
    return panel != nullptr ? (*panel)(row, instrument) : std::numeric_limits<double>::quiet_NaN();
  };
  return {value(open_), value(high_), value(low_), value(close_)};
}

/// Returns the price that a market order of the kind would get; NaN where the instrument can't be traded.
double SimulatedExchange::market_price(std::size_t row, const Order& order) const {
  if (market_.present(row, order.instrument) == 0) return std::numeric_limits<double>::quiet_NaN();
  const Bar bar = bar_of(row, order.instrument);
  switch (order.type) {
    case OrderType::kMarketOnClose:
    case OrderType::kLimitOnClose:
      return bar.close;
    case OrderType::kMarketOnOpen:
      return bar.open;
    case OrderType::kLimit:
    case OrderType::kStop:
      // All of the bar is needed.
      return bar.high > 0.0 && bar.low > 0.0 ? bar.open : std::numeric_limits<double>::quiet_NaN();
    case OrderType::kVwap:
      return vwap_ != nullptr ? (*vwap_)(row, order.instrument) : (bar.high + bar.low + bar.close) / 3.0;
  }
  return std::numeric_limits<double>::quiet_NaN();
}

/// Returns nothing where the market does not come to the order's price.
std::optional<Money> SimulatedExchange::fill_price(std::size_t row, const Order& order) const {
  const Money market = to_money(market_price(row, order));
  const Bar bar = bar_of(row, order.instrument);
  const bool buys = order.side == OrderSide::kBuy;
  const auto better = [buys](Money one, Money other) { return buys ? one < other : one > other; };
  switch (order.type) {
    case OrderType::kLimitOnClose:
      if (better(market, order.price)) return market;
      return std::nullopt;
    case OrderType::kLimit:
      if (better(market, order.price)) return market;
      if (better(to_money(buys ? bar.low : bar.high), order.price)) return order.price;
      return std::nullopt;
    case OrderType::kStop:
      if (!better(market, order.price)) return market;
      if (!better(to_money(buys ? bar.high : bar.low), order.price)) return order.price;
      return std::nullopt;
    default:
      return market;
  }
}

SimulatedExchange::Cut SimulatedExchange::cut_to_limits(std::size_t row, const Order& order,
                                                        Money price) const {
  Cut cut;
  cut.wanted = round_down(order.quantity, lot_);
  if (order.notional.micros > 0) cut.wanted = std::min(cut.wanted, shares_for(order.notional, price, lot_));
  cut.filled = cut.wanted;
  if (cut.wanted.micros == 0) cut.reason = UnfilledReason::kBelowLot;
  const auto limit = [&](Quantity most, UnfilledReason reason) {
    if (most >= cut.filled) return;
    cut.filled = std::max(round_down(most, lot_), Quantity{});
    cut.reason = reason;
  };
  limit(order.volume_limit, UnfilledReason::kAverageVolume);
  limit(bar_limit(row, order.instrument), UnfilledReason::kBarVolume);
  if (order.side == OrderSide::kBuy) {
    limit(affordable(order, price, cut.filled), UnfilledReason::kCash);
  }
  return cut;
}

Quantity SimulatedExchange::bar_limit(std::size_t row, std::uint32_t instrument) const {
  if (!max_bar_share_ || volume_ == nullptr) return kUnlimitedShares;
  const double shares = *max_bar_share_ * (*volume_)(row, instrument);
  if (!(shares > 0.0)) return Quantity{};
  return shares < kUnlimitedShares.units() ? to_quantity(shares) : kUnlimitedShares;
}

/// Returns the most shares up to `wanted` whose value and costs the budget covers.
Quantity SimulatedExchange::affordable(const Order& order, Money price, Quantity wanted) const {
  const Money budget = order.budget;
  if (wanted.micros <= 0 || total_cost(order.instrument, price, wanted) <= budget) return wanted;
  if (budget <= min_commission_) return Quantity{};
  const std::int64_t whole =
      1'000'000'000 + slippage_rate_.parts_per_billion + exchanging_rate(order.instrument).parts_per_billion;
  const Rate by_rate{whole + commission_rate_.parts_per_billion};
  const Rate by_minimum{whole};
  const Money spendable = std::min(divide(budget, by_rate), divide(budget - min_commission_, by_minimum));
  Quantity quantity = std::min(wanted, shares_for(spendable, price, lot_));
  Money step_price = price;
  if (share_commission_.micros > 0) {
    // Rounded down, so that what is left over is less than a lot once the steps below are done.
    step_price = std::max(gross_price(order.instrument, price) - Money{2}, Money{1});
    quantity = std::min(quantity, shares_for(budget, step_price, lot_));
  }
  // Rounding may leave the sum a few micro-units above the budget.
  while (quantity.micros > 0 && total_cost(order.instrument, price, quantity) > budget) {
    const Money excess = total_cost(order.instrument, price, quantity) - budget;
    quantity -= std::max(lot_, shares_for(excess, step_price, lot_));
  }
  return quantity;
}

/// Returns what one share takes with its costs.
Money SimulatedExchange::gross_price(std::uint32_t instrument, Money price) const {
  return price + multiply(price, commission_rate_) + multiply(price, slippage_rate_) +
         multiply(price, exchanging_rate(instrument)) + share_commission_;
}

Money SimulatedExchange::total_cost(std::uint32_t instrument, Money price, Quantity quantity) const {
  const Money value = multiply(price, quantity);
  return value + commission(instrument, value, quantity) + multiply(value, slippage_rate_);
}

Money SimulatedExchange::commission(std::uint32_t instrument, Money value, Quantity shares) const {
  const Money by_share = share_commission_.micros == 0 ? Money{} : multiply(share_commission_, shares);
  return std::max(multiply(value, commission_rate_) + by_share, min_commission_) +
         multiply(value, exchanging_rate(instrument));
}

Rate SimulatedExchange::exchanging_rate(std::uint32_t instrument) const {
  return market_.is_foreign(instrument) ? exchanging_rate_ : Rate{};
}

void SimulatedExchange::report_fill(const Order& order, Quantity quantity, Money price, bool last) {
  const Money value = multiply(price, quantity);
  OrderEvent event;
  event.kind = OrderEventKind::kFill;
  event.order_id = order.id;
  event.quantity = quantity;
  event.price = price;
  event.commission = commission(order.instrument, value, quantity);
  event.slippage = multiply(value, slippage_rate_);
  event.last = last;
  events_.push_back(event);
}

void SimulatedExchange::report_unfilled(const Order& order, Quantity quantity, UnfilledReason reason) {
  OrderEvent event;
  event.kind = OrderEventKind::kUnfilled;
  event.order_id = order.id;
  event.quantity = quantity;
  event.unfilled_reason = reason;
  events_.push_back(event);
}

}  // namespace orrery
