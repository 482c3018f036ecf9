#pragma once

#include "orrery/app/study.h"
#include "orrery/market/market_data.h"
#include "orrery/ml/return_intervals.h"
#include "orrery/portfolio/score_uncertainty.h"
#include "orrery/report/interval_coverage.h"

namespace orrery {

/// Rows from which on the outcome of row t, what `study_forward_return` measures, is known.
int outcome_span(const Study& study);

/// Deviation of each scored instrument's returns over its last sessions, that of the score included; missing
/// where few are known. Look-ahead: none.
Panel trailing_volatility(const Panel& close, const Panel& scores, int threads);

/// Says of a study's scores what they have been worth so far, session by session (see return_intervals), in
/// the unit of `forward_return`. Look-ahead: none.
ReturnIntervals score_intervals(const Study& study, const MarketData& market, const Panel& scores,
                                const Panel& forward_return, int threads);

/// What strategies are told of them, and of what the models said. Both must outlive it.
UncertaintyPanels panels_of(const ReturnIntervals& intervals, const Panel* deviations = nullptr);

/// How the intervals did.
IntervalCoverage interval_coverage(const ReturnIntervals& intervals, const IntervalChoice& choice,
                                   const std::vector<Date>& dates);

}  // namespace orrery
