#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/backtest/performance.h"
#include "orrery/base/date.h"

namespace orrery {

/// What was earned in the sessions of one regime. A session counts to the regime that its portfolio was
/// decided in: the one told `execution.delay` sessions before.
struct RegimeResult {
  std::string name;
  std::string treatment;  ///< what was done in it, in words
  std::size_t sessions = 0;
  double annual_return = 0.0;  ///< mean net return of its sessions × sessions a year
  double annual_volatility = 0.0;
  double sharpe = 0.0;
  double worst = 0.0;     ///< net return of its worst session
  double universe = 0.0;  ///< as annual_return, of the universe
  double universe_volatility = 0.0;
  double exposure = 0.0;  ///< mean of long and short exposure together
};

/// What the regimes did, and what would have been without them.
struct RegimeReport {
  std::vector<std::string> names;           ///< of the regimes
  bool ascending = true;                    ///< the last one is the wildest; else the first one
  std::vector<RegimeResult> results;        ///< by regime; the last, where there is any: not known yet
  std::vector<Date> dates;                  ///< sessions of the backtest
  std::vector<int> state;                   ///< by session, as RegimeResult counts them; -1: not known
  std::vector<std::vector<double>> likely;  ///< by regime and session: filtered probability; empty: rules
  std::size_t fits = 0;                     ///< of a hidden Markov model; 0: rules
  Performance with, without;
};

}  // namespace orrery
