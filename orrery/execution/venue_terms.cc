#include "orrery/execution/venue_terms.h"

#include <algorithm>

namespace orrery {

Money cost_at(const VenueTerms& venue, Money value, Quantity shares) {
  const Money rate = multiply(value, rate_from_basis_points(venue.commission_bps));
  return std::max(rate + multiply(to_money(venue.per_share), shares), to_money(venue.min_cost));
}

bool takes(const VenueTerms& venue, OrderType type, bool opens_short) {
  if (opens_short && !venue.shorts) return false;
  return venue.types.empty() || std::find(venue.types.begin(), venue.types.end(), type) != venue.types.end();
}

}  // namespace orrery
