#pragma once

#include <cstddef>

#include "orrery/app/explain_decision.h"
#include "orrery/market/factor_frame.h"

namespace orrery {

/// One scored cell of a run, with what its model read.
struct ScoredCell {
  const MarketData& market;
  const FactorFrame& factors;  ///< of the whole market, before preprocessing
  const MaskPanel& eligible;
  std::size_t row = 0;
  std::size_t instrument = 0;
  std::size_t fold = 0;  ///< whose model scored it, from 0
};

/// What each feature added to a cell's score, by the model that the run kept: the largest contributions
/// first, as many as `options` shows factors, the others summed up. Says so where the model was not kept or
/// offers none. Errors: kDataCorrupt for a model that can't be read.
DecisionStage contributions_stage(const StoredRun& run, const Study& study, const ScoredCell& cell,
                                  const Plugins& plugins, const ExplainOptions& options);

}  // namespace orrery
