#pragma once

#include "orrery/app/run_market.h"
#include "orrery/factor/factor_evaluation.h"

namespace orrery {

/// Holds a run's factors against the returns that followed, over 1, 5, 10 and 20 sessions, on the names of
/// its universe. Only sessions are judged whose returns all end before the first tested one: choosing factors
/// by what this says spoils no test, so it is no trial. Look-ahead: full, by nature, up to that session.
/// Errors: kNotFound for a run whose scores were made elsewhere; kInvalidArgument where nothing comes before
/// its tests.
FactorEvaluation evaluate_run_factors(const RunMarket& market, int threads);

}  // namespace orrery
