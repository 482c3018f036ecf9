#pragma once

#include <span>

#include "orrery/ml/block_bootstrap.h"
#include "orrery/ml/outcome_paths.h"

namespace orrery {

/// Puts paths of `sessions` together from blocks of the series (see BlockPlaces). Nothing (draws 0) for fewer
/// than 20 returns. What such paths cannot know: a mean that was luck is repeated in them, and so is the
/// absence of days worse than any in the series. Deterministic for a seed. Errors: kInvalidArgument for fewer
/// than 1 session, and as check_bootstrap. Source: Politis and Romano (1994).
OutcomePaths bootstrap_outcomes(std::span<const double> returns, int sessions,
                                const BlockBootstrapOptions& options);

}  // namespace orrery
