#pragma once

#include <span>
#include <string>
#include <vector>

#include "orrery/ml/dataset.h"

namespace orrery {

/// What settings may be judged by, lower is better: `rank_ic` and `ic`, the negative mean over the sessions
/// of the rank or plain correlation of scores and labels; `loss`, the mean squared error.
const std::vector<std::string>& score_objectives();

/// Returns the loss of scores against the labels of `data`; NaN where no session has a correlation. `scores`:
/// one a sample, none missing. Errors: kInvalidArgument for another objective.
double score_loss(const std::string& objective, const Dataset& data, std::span<const double> scores);

/// What the highest fifth of each session's scores had over the lowest, in units of the label.
struct ScoreSpreads {
  std::vector<std::size_t> rows;  ///< sessions of at least five samples, ascending
  std::vector<double> values;
};
ScoreSpreads score_spreads(const Dataset& data, std::span<const double> scores);

}  // namespace orrery
