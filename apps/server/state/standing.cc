#include "apps/server/state/standing.h"

#include <algorithm>

namespace orrery::server {

Standing standing_of(const std::vector<double>& equities) {
  const double last = equities.back();
  const double before = equities.size() > 1 ? equities[equities.size() - 2] : last;
  const double highest = *std::max_element(equities.begin(), equities.end());
  return {last, last / equities.front() - 1.0, 1.0 - last / highest, last / before - 1.0};
}

std::vector<double> equities_of(const AccountStatus& account) {
  std::vector<double> equities = {account.books.initial_cash.units()};
  for (const auto& day : account.books.daily) equities.push_back(day.equity.units());
  return equities;
}

}  // namespace orrery::server
