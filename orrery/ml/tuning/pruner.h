#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/ml/tuning/sampler.h"

namespace orrery {

/// Decides after each step whether a trial is worth going on with. Holds no state.
class Pruner {
 public:
  virtual ~Pruner() = default;
  /// Whether trial `index` should stop after its latest step; `trials` are all there are, it among them.
  virtual bool should_stop(std::span<const TuningTrial> trials, std::size_t index) const = 0;
};

/// What a pruner goes by.
struct PrunerOptions {
  std::size_t steps = 4;  ///< of a whole trial; after the last one nothing is stopped
};

/// `none`, `median`, `successive_halving`, `hyperband`.
const std::vector<std::string>& pruner_names();

/// none: never. median: a trial whose best step so far is worse than the median of the others' losses at the
/// step, from the fifth complete trial on (Golovin et al., 2017; Optuna's MedianPruner). successive_halving:
/// after 1, 2, 4, … steps only the better half of the trials that came so far goes on, the first at once (Li
/// et al., 2020, asynchronous; Optuna's SuccessiveHalvingPruner with a reduction factor of 2). hyperband: the
/// trials are dealt to brackets that begin to halve after 1, 2, 4, … steps, each by itself, more of them to
/// those that begin early (Li et al., 2018; Optuna's HyperbandPruner). Errors: kNotFound.
std::unique_ptr<Pruner> make_pruner(std::string_view name, const PrunerOptions& options);

}  // namespace orrery
