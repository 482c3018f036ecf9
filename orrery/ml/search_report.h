#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/market/factor_frame.h"
#include "orrery/ml/score_loss.h"
#include "orrery/ml/tuning/sampler.h"

namespace orrery {

/// A model with settings that a fit tried on inner folds of its training rows.
struct SearchTrial {
  std::string model;
  ParameterMap settings;  ///< those searched for; empty: as they were given
  TuningTrial::State state = TuningTrial::State::kRunning;
  double loss = 0.0;          ///< of a complete one; NaN else
  std::vector<double> steps;  ///< loss after each inner fold
  std::string note;           ///< of a failed one: why
  ScoreSpreads spreads =
      {};  ///< by judged session, of a pruned one as far as it came; of a fold that was taken up: empty
};

/// What a fit that chooses its settings by itself tried, and which it chose.
struct SearchReport {
  std::string objective;
  RowRange judged;  ///< rows that the inner folds judge, all of the training span
  std::vector<SearchTrial> trials;
  std::size_t chosen = 0;
};

}  // namespace orrery
