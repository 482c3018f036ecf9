#pragma once

#include <span>
#include <vector>

namespace orrery {

/// Ranks the values of one session's cross-section and scales them to about unit deviation:
/// (average rank / count - 0.5) * 3.46. In place; NaN stays NaN and is not counted.
/// Source: qlib's CSRankNorm (pandas rank with pct=True; ties share their average rank).
void cross_rank_norm(std::span<double> values);

/// Centres the values of one session's cross-section and divides by their sample deviation (n - 1). In place;
/// NaN stays NaN and is not counted; fewer than two values, or no spread, give NaN. Source: qlib's
/// CSZScoreNorm.
void cross_z_score(std::span<double> values);

/// Returns average ranks (from 1) of values without NaN.
std::vector<double> average_ranks(std::span<const double> values);

}  // namespace orrery
