#include "orrery/execution/route_choice.h"

#include <algorithm>
#include <limits>
#include <optional>

namespace orrery {
namespace {

constexpr Quantity kAllThereIs{std::numeric_limits<std::int64_t>::max()};
constexpr double kUnknownValue = 10'000.0;  ///< in money
constexpr double kMostValue = 1e12;         ///< that costs are compared for, in money

/// Ways that an order may take next, and how dear they are.
class Choice {
 public:
  Choice(const RouteBooks& books, const RoutedOrder& order, const std::vector<bool>& up, Money price)
      : books_(books), order_(order), up_(up), price_(price), buys_(order.order.side == OrderSide::kBuy) {}

  RouteStep next() const {
    if (is_over()) return end(last_reason());
    if (const auto step = close()) return *step;
    return open();
  }

 private:
  bool is_over() const {
    if (order_.legs.empty()) return false;
    if (round_down(order_.left, books_.lot()).micros == 0) return true;
    const RouteLeg& last = order_.legs.back();
    const bool can_go_on = last.reason == UnfilledReason::kNone || last.reason == UnfilledReason::kRefused ||
                           (last.reason == UnfilledReason::kCash && last.own_limit);
    return !can_go_on;
  }

  UnfilledReason last_reason() const {
    return order_.legs.empty() ? UnfilledReason::kRefused : order_.legs.back().reason;
  }

  RouteStep end(UnfilledReason reason) const {
    RouteStep step;
    step.rest = order_.left == kAllThereIs ? Quantity{} : order_.left;
    // A fraction of what can be traded is no rest, unless it is all that the venue had.
    if (reason == UnfilledReason::kNone) step.rest = round_down(step.rest, books_.lot());
    step.reason = reason == UnfilledReason::kNone ? UnfilledReason::kRefused : reason;
    return step;
  }

  bool was_tried(const VenueBooks& venue, bool closes) const {
    return std::any_of(order_.legs.begin(), order_.legs.end(), [&](const RouteLeg& leg) {
      return leg.venue == venue.terms.name && leg.closes == closes;
    });
  }

  /// Shares that the order would take off a venue's position.
  Quantity closable(const VenueBooks& venue) const {
    const Quantity held = venue.held(order_.order.symbol);
    return buys_ ? std::max(-held, Quantity{}) : std::max(held, Quantity{});
  }

  /// Nothing where no venue holds what the order closes.
  std::optional<RouteStep> close() const {
    bool holds = false, waits = false;
    std::optional<std::size_t> best;
    for (std::size_t i = 0; i < books_.venues().size(); ++i) {
      const VenueBooks& venue = books_.venues()[i];
      if (closable(venue).micros == 0) continue;
      holds = true;
      if (was_tried(venue, true) || !takes(venue.terms, order_.order.type, false)) continue;
      if (!up_[i]) {
        waits = true;
      } else if (!best || is_cheaper(i, closing_part(i), *best, closing_part(*best))) {
        best = i;
      }
    }
    if (best) return leg_at(*best, true);
    if (waits) return RouteStep{RouteStep::Kind::kWait, {}, {}, {}};
    // What is held somewhere must not be sold short, or bought, elsewhere.
    if (holds) return end(UnfilledReason::kRefused);
    return std::nullopt;
  }

  RouteStep open() const {
    bool somewhere = false, waits = false;
    std::optional<std::size_t> best, richest;
    for (std::size_t i = 0; i < books_.venues().size(); ++i) {
      const VenueBooks& venue = books_.venues()[i];
      if (was_tried(venue, false) || !takes(venue.terms, order_.order.type, !buys_)) continue;
      somewhere = true;
      const bool can_pay = !buys_ || venue.cash.micros > 0;
      if (!up_[i]) {
        waits = waits || can_pay;
        continue;
      }
      if (!richest || venue.cash > books_.venues()[*richest].cash) richest = i;
      if (!can_pay) continue;
      if (!best || is_cheaper(i, opening_part(i), *best, opening_part(*best))) best = i;
    }
    if (best) return leg_at(*best, false);
    if (waits) return {RouteStep::Kind::kWait, {}, {}, {}};
    // A venue without cash says of an order that has been nowhere why it is not filled.
    if (richest && order_.legs.empty()) return leg_at(*richest, false);
    if (somewhere && order_.legs.empty()) return {RouteStep::Kind::kWait, {}, {}, {}};
    return end(last_reason() == UnfilledReason::kNone && somewhere ? UnfilledReason::kCash : last_reason());
  }

  RouteStep leg_at(std::size_t place, bool closes) const {
    const VenueBooks& venue = books_.venues()[place];
    RouteStep step;
    step.kind = RouteStep::Kind::kLeg;
    RouteLeg& leg = step.leg;
    leg.venue = venue.terms.name;
    leg.closes = closes;
    leg.order = order_.order;
    leg.order.id = order_.order.id * kLegsPerOrder + order_.legs.size();
    leg.order.quantity = closes ? std::min(order_.left, closable(venue)) : order_.left;
    leg.order.notional = order_.notional;
    leg.order.budget = order_.budget;
    leg.order.volume_limit = order_.volume_limit;
    if (buys_ && !closes && venue.cash < order_.budget) {
      leg.order.budget = std::max(venue.cash, Money{});
      leg.own_limit = true;
    }
    return step;
  }

  /// A part of the order, for a venue's costs.
  struct Part {
    Money value;
    Quantity shares;
  };

  Money value_of(Quantity shares) const {
    const Money price = order_.order.price.micros > 0 ? order_.order.price : price_;
    if (price.micros == 0 || shares == kAllThereIs) return to_money(kUnknownValue);
    if (price.units() * shares.units() > kMostValue) return to_money(kMostValue);
    return multiply(price, shares);
  }

  Part part_of(Quantity shares, Money most) const {
    Part part{value_of(shares), shares};
    if (order_.notional.micros > 0) part.value = std::min(order_.notional, part.value);
    if (shares == kAllThereIs) {
      part.value = order_.notional;
      part.shares = price_.micros > 0 ? shares_for(part.value, price_, kMicroShare) : Quantity{};
    }
    if (most < part.value) {
      part.shares = prorate_shares(part.shares, most, part.value);
      part.value = most;
    }
    return part;
  }

  static Quantity prorate_shares(Quantity shares, Money part, Money whole) {
    return {static_cast<std::int64_t>(static_cast<__int128>(shares.micros) * part.micros / whole.micros)};
  }

  Part closing_part(std::size_t place) const {
    const Quantity shares = std::min(order_.left, closable(books_.venues()[place]));
    return part_of(shares, Money{std::numeric_limits<std::int64_t>::max()});
  }

  Part opening_part(std::size_t place) const {
    const Money most = buys_ ? books_.venues()[place].cash : Money{std::numeric_limits<std::int64_t>::max()};
    return part_of(order_.left, most);
  }

  /// By what each venue charges for a unit of money of its part.
  bool is_cheaper(std::size_t place, const Part& part, std::size_t other, const Part& others) const {
    const auto cost = [this](std::size_t at, const Part& of) {
      return static_cast<__int128>(cost_at(books_.venues()[at].terms, of.value, of.shares).micros);
    };
    return cost(place, part) * others.value.micros < cost(other, others) * part.value.micros;
  }

  const RouteBooks& books_;
  const RoutedOrder& order_;
  const std::vector<bool>& up_;
  const Money price_;
  const bool buys_;
};

}  // namespace

RouteStep choose_route(const RouteBooks& books, const RoutedOrder& order, const std::vector<bool>& up,
                       Money price) {
  return Choice(books, order, up, price).next();
}

}  // namespace orrery
