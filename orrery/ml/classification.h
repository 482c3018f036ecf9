#pragma once

#include <cstddef>
#include <vector>

#include "orrery/market/panel.h"

namespace orrery {

/// One bin of a reliability curve, bounded as scikit-learn's calibration_curve bounds it.
struct ReliabilityBin {
  double lower = 0.0;  ///< predicted probability, exclusive; inclusive for the first bin
  double upper = 0.0;  ///< inclusive
  std::size_t count = 0;
  double mean_predicted = 0.0;  ///< NaN for an empty bin
  double event_rate = 0.0;      ///< NaN for an empty bin
};

/// How well the k highest scores of each session were chosen.
struct TopPicks {
  int k = 0;
  std::size_t sessions = 0;
  double precision =
      0.0;  ///< share of events among the picks (all cells where fewer than k), averaged over sessions
  double lift = 0.0;  ///< precision over the base rate of the same sessions; NaN where that is 0
};

/// How good predicted probabilities of a rare event are, over all cells where score and label are both known.
struct ClassificationMetrics {
  std::size_t count = 0;
  std::size_t events = 0;
  double base_rate = 0.0;
  double average_precision =
      0.0;                       ///< area under precision-recall: sum of (R_n - R_{n-1}) P_n, as scikit-learn
  double brier = 0.0;            ///< mean squared difference to the outcome
  double brier_base_rate = 0.0;  ///< of always predicting the base rate
  double log_loss = 0.0;         ///< natural logarithm; probabilities are kept off 0 and 1 by 2^-52
  double log_loss_base_rate = 0.0;
  std::vector<TopPicks> top_picks;
  std::vector<ReliabilityBin> reliability;
  /// Groups of as many cells, the lowest scores first: `lower` and `upper` are the scores they hold. What
  /// equal widths say nothing of when the event is rare.
  std::vector<ReliabilityBin> groups;
};

/// Computes all of the above. `scores`: probabilities; `label`: 0 or 1. Missing cells are left out. Ties in a
/// session's top k go to the lower column (symbol order); tied scores share one threshold in average
/// precision. `picks`: the k values to report. `bins`: equal-width bins of the reliability curve, and
/// how many groups. Errors:
/// kInvalidArgument for a score outside [0, 1], a label other than 0 or 1, no cell at all.
ClassificationMetrics classification_metrics(const Panel& scores, const Panel& label,
                                             const std::vector<int>& picks, int bins);

}  // namespace orrery
