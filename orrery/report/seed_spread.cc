#include "orrery/report/seed_spread.h"

#include <algorithm>

#include "orrery/base/statistics.h"

namespace orrery {

SeedRange seed_range(const SeedSpread& spread, double SeedResult::*number) {
  std::vector<double> all;
  for (const SeedResult& result : spread.results) all.push_back(result.*number);
  const std::vector<double> values = drop_missing(all);
  if (values.empty()) return {};
  return {quantile(values, 0.0), quantile(values, 0.5), quantile(values, 1.0), standard_deviation(values)};
}

}  // namespace orrery
