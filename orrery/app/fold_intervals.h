#pragma once

#include <optional>

#include "orrery/app/run_study.h"

namespace orrery {

/// Reads the section `intervals`.
void read_intervals(ConfigReader reader, Study& study, const Plugins& plugins, ConfigProblems& problems);

/// Checks, before anything is fitted, that every fold has the validation sessions that fold_intervals
/// calibrates on. Errors: kInvalidArgument, naming the first fold that has not.
void check_interval_folds(const Study& study, const std::vector<Fold>& folds);

/// Intervals of the scores' returns that are calibrated once a fold, on its validation sessions: of
/// `intervals.method: split` around the line through what the scores were worth, of `cqr` between two
/// quantiles that models of their own have learned on the fold's training sessions. The first half of the
/// validation sessions fits the line (and may stop the quantile models), the second calibrates. Nothing for
/// `adaptive`. Look-ahead: none; a fold's test sessions come after all of it, outcomes included. Errors: as
/// check_interval_folds; kInternal when the walk kept no models.
std::optional<ReturnIntervals> fold_intervals(const Study& study, const Plugins& plugins,
                                              const StudyInputs& inputs, const WalkForwardResult& walk,
                                              const MarketData& market, const Panel& forward_return,
                                              const RunOptions& options,
                                              Progress& progress = silent_progress());

}  // namespace orrery
