#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

namespace orrery {

/// What one simple score earned, traded as the run was.
struct BaselineResult {
  std::string key;   ///< such as "reversal_5"
  std::string name;  ///< such as "5-day reversal"
  double rank_ic_mean = std::numeric_limits<double>::quiet_NaN();
  double annual_return = std::numeric_limits<double>::quiet_NaN();  ///< net, geometric
  double sharpe = std::numeric_limits<double>::quiet_NaN();
  double turnover_two_way = std::numeric_limits<double>::quiet_NaN();  ///< a session
};

/// One number over many random draws, and where the run stands among them.
struct RandomBand {
  double low = 0.0;              ///< 5 % of the draws are below
  double middle = 0.0;           ///< half of them
  double high = 0.0;             ///< 95 %
  double share_below_run = 0.0;  ///< draws whose number is below the run's
};

/// What the run is held against: scores without any skill and scores that anybody could have.
struct Baselines {
  std::size_t draws = 0;
  RandomBand annual_return;
  RandomBand sharpe;
  double turnover_two_way = 0.0;  ///< mean of the draws, a session
  std::vector<BaselineResult> simple;
};

/// Returns the band of the draws' numbers around the run's. Missing draws are left
/// out. Quantiles by linear interpolation.
RandomBand random_band(const std::vector<double>& draws, double run);

}  // namespace orrery
