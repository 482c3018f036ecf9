#pragma once

#include <optional>
#include <span>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/ml/tuning/search_space.h"

namespace orrery {

/// A point that was or is being tried.
struct TuningTrial {
  enum class State {
    kRunning,
    kComplete,
    kPruned,  ///< stopped early: `steps` holds what is known
    kFailed,  ///< an error, or its process was killed; tells nothing
  };
  State state = State::kRunning;
  TuningPoint point;
  double loss = 0.0;          ///< of a complete one; lower is better
  std::vector<double> steps;  ///< loss after each step, such as an inner fold

  bool finished() const { return state == State::kComplete || state == State::kPruned; }
};

/// Chooses what to try next. Holds no state: what it suggests depends on the space, the trials so far and
/// `random` alone, so that a search goes on after a kill, and in several processes.
class Sampler {
 public:
  virtual ~Sampler() = default;
  /// Nothing: everything was tried (grid). Trials stand in the order in which they began.
  virtual std::optional<TuningPoint> suggest(const SearchSpace& space, std::span<const TuningTrial> trials,
                                             Random random) const = 0;
};

}  // namespace orrery
