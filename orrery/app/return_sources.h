#pragma once

#include <optional>

#include "orrery/app/run_study.h"
#include "orrery/data/factor_returns.h"
#include "orrery/report/return_sources.h"

namespace orrery {

/// Reads the study's file of factor returns; nothing where it names none. Called before anything is trained,
/// so that a bad file is found early. Errors: what read_factor_returns throws.
std::optional<FactorReturns> read_attribution_factors(const Study& study);

/// Explains the result of a run that has been traded: attribution to the equal-weight universe and to the
/// factors, where there are any, exposure of the holdings, capacity.
ReturnSources explain_returns(const Study& study, const StudyRun& run,
                              const std::optional<FactorReturns>& factors);

}  // namespace orrery
