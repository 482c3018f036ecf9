#include "orrery/report/baselines.h"

#include <algorithm>

#include "orrery/base/statistics.h"

namespace orrery {

RandomBand random_band(const std::vector<double>& all_draws, double run) {
  const auto draws = drop_missing(all_draws);
  const auto below = std::count_if(draws.begin(), draws.end(), [&](double value) { return value < run; });
  return {quantile(draws, 0.05), quantile(draws, 0.5), quantile(draws, 0.95),
          static_cast<double>(below) / static_cast<double>(draws.size())};
}

}  // namespace orrery
