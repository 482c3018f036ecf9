#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// What one path of a cross-validation gives: every session of the sample scored once.
struct RobustnessPath {
  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

  double ic_mean = kMissing;
  double rank_ic_mean = kMissing;
  double long_short_sharpe = kMissing;  ///< highest less lowest fifth, over one session, before costs; annual
  double annual_return = kMissing;      ///< of the study's strategy, net, geometric
  double sharpe = kMissing;             ///< likewise, annualised
};

/// What the models that tested one block of sessions say of it.
struct RobustnessBlock {
  Date first, last;
  std::vector<double> rank_ic;  ///< mean over the block, one a model that tested it
  std::vector<double> sharpe;   ///< net, annualised, likewise
};

/// The study cross-validated: how much of its result is the one way in which history was cut. Not tradable
/// history, as models also learn from what came after the sessions that they score.
struct Robustness {
  std::string scheme;  ///< "cpcv" or "purged_kfold"
  int folds = 0;
  int test_folds = 0;
  std::size_t splits = 0;
  int purge_rows = 0;
  bool purges_by_touch = false;  ///< each label by its own end; purge_rows is the longest
  int embargo_rows = 0;
  Date first, last;                   ///< the sessions that are cut into folds
  std::vector<RobustnessPath> paths;  ///< one for purged k-fold
  RobustnessPath walk_forward;        ///< the run's own result, for comparison
  std::vector<RobustnessBlock> blocks;
};

/// Lowest, median, highest and standard deviation (n - 1) over the paths; missing values are left out.
struct RobustnessRange {
  double lowest = RobustnessPath::kMissing;
  double median = RobustnessPath::kMissing;
  double highest = RobustnessPath::kMissing;
  double deviation = RobustnessPath::kMissing;
};
RobustnessRange robustness_range(const Robustness& robustness, double RobustnessPath::*number);

/// The paths and blocks as tables. HTML.
std::string render_robustness(const Robustness& robustness);

}  // namespace orrery
