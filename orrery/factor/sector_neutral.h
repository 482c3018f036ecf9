#pragma once

#include <string>
#include <vector>

#include "orrery/factor/evaluation.h"
#include "orrery/market/panel.h"

namespace orrery {

/// Correlates scores and returns after taking out what their sectors have in common: on each session the mean
/// of the sector's names is subtracted from the score and from the return of each of its names, then Pearson
/// and Spearman correlations are taken over all names. What is left is skill within sectors.
/// `scores` and `forward_returns` are [session × instrument], `sectors` one text a column ("": unknown). A
/// name counts on a session when score and return are finite, its sector is known, and another such name
/// shares it. The days are those of evaluate_signal: from the first to the last row with any score; one with
/// fewer than `minimum_pairs` names, or without variance, is left out. Look-ahead: full, by nature. Errors:
/// kInvalidArgument for shapes that differ. Source: this project; the same as pandas'
/// groupby(sector).transform("mean") taken off, then corr().
SectorNeutralCorrelation evaluate_within_sectors(const Panel& scores, const Panel& forward_returns,
                                                 const std::vector<std::string>& sectors,
                                                 const SignalEvaluationOptions& options = {});

}  // namespace orrery
