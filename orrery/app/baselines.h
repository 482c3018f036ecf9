#pragma once

#include <cstdint>
#include <vector>

#include "orrery/app/study.h"
#include "orrery/backtest/performance.h"
#include "orrery/base/random.h"
#include "orrery/data/prices.h"
#include "orrery/report/baselines.h"

namespace orrery {

/// What baselines are made from; all of it must outlive the call.
struct BaselineInputs {
  const Study& study;
  const Plugins& plugins;
  const PriceLoad& prices;
  const Panel& scores;  ///< of the run: baselines score the same cells
  const Panel& forward_return;
  const Performance& performance;  ///< of the run
  const std::vector<double>& benchmark_returns;
  const RegimeHistory* regimes;  ///< of the run; null for a study without
  const Panel* ridge = nullptr;  ///< scores of ridge regression on the run's factors; null: none
  int threads = 0;               ///< the result does not depend on it
};

/// Random draws of a band.
inline constexpr std::size_t kRandomDraws = 100;

/// Trades scores without skill and scores that anybody could have on the sessions, names, strategy and costs
/// of the run: random ones (drawn anew for each cell, `kRandomDraws` times, from the study's seed), 5-day
/// reversal, 12-1 momentum and ridge regression where it is given, momentum where at least half of the run's
/// cells have a year of history.
Baselines measure_baselines(const BaselineInputs& inputs, Progress& progress = silent_progress());

/// Uniform in [0, 1) wherever `like` has a score, missing elsewhere.
Panel random_scores(const Panel& like, Random random);

/// close[t - 5] / close[t] - 1 wherever `like` has a score: high for what has fallen. Look-ahead: none.
Panel reversal_scores(const Panel& like, const Panel& close);

/// close[t - 21] / close[t - 252] - 1 wherever `like` has a score: the year without its last month.
/// Look-ahead: none. Source: Jegadeesh and Titman (1993); the skipped month, Jegadeesh (1990).
Panel momentum_scores(const Panel& like, const Panel& close);

}  // namespace orrery
