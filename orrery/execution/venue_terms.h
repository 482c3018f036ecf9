#pragma once

#include <string>
#include <vector>

#include "orrery/execution/money.h"
#include "orrery/execution/order.h"
#include "orrery/execution/venue_health.h"

namespace orrery {

/// One of the brokers that an account trades through, with what it charges and takes.
struct VenueTerms {
  std::string name;                   ///< the account's own name for it, unique
  std::string broker;                 ///< the registered broker behind it
  double cash = 1.0;                  ///< its part of each deposit, in relation to those of the others; >= 0
  double commission_bps = 0.0;        ///< of the traded value
  double min_cost = 0.0;              ///< least commission of a fill, in money
  double per_share = 0.0;             ///< of each share traded, in money, beside the rate
  std::vector<OrderType> types = {};  ///< that it takes; none: all
  bool shorts = true;                 ///< it lets shares be sold that it does not hold

  bool operator==(const VenueTerms&) const = default;
};

/// How an account's orders are divided among brokers.
struct RouteTerms {
  std::vector<VenueTerms> venues;  ///< where costs are equal, the first has the order
  HealthSettings health;
};

/// Returns what a venue charges for a fill.
Money cost_at(const VenueTerms& venue, Money value, Quantity shares);

/// Whether a venue takes orders of this type, and those that open a short position.
bool takes(const VenueTerms& venue, OrderType type, bool opens_short);

}  // namespace orrery
