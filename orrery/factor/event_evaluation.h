#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/market/panel.h"

namespace orrery {

/// How well the k highest scores of each day caught the event.
struct TopPicks {
  int k = 0;
  std::size_t picks = 0;    ///< over all days
  double precision = 0.0;   ///< share of the picks where the event came
  double lift = 0.0;        ///< precision / base rate
  double net_return = 0.0;  ///< mean return of a pick after costs; NaN without returns
};

/// One bin of predicted probability: what was said and what came.
struct ReliabilityBin {
  double lower = 0.0;  ///< inclusive
  double upper = 0.0;  ///< exclusive but for the last bin
  std::size_t count = 0;
  double mean_predicted = 0.0;
  double observed_share = 0.0;
};

/// How well probabilities foretell a yes-or-no event, such as a gain of 10 % within 3 sessions.
struct EventEvaluation {
  std::size_t samples = 0;
  std::size_t events = 0;
  double base_rate = 0.0;          ///< events / samples: what a blind guess gets
  double average_precision = 0.0;  ///< area under the precision-recall curve, as scikit-learn's
  double roc_auc = 0.0;
  double brier = 0.0;            ///< mean squared error of the probability
  double brier_base_rate = 0.0;  ///< the same of always saying the base rate
  double log_loss = 0.0;         ///< natural logarithm; probabilities are clipped to [1e-15, 1 - 1e-15]
  double log_loss_base_rate = 0.0;
  std::vector<TopPicks> top_picks;
  std::vector<ReliabilityBin>
      reliability;  ///< ten bins with equally many samples each; equal scores together
};

/// Judges probabilities against events. All panels are [session × instrument] with the same shape.
/// `probabilities` in [0, 1]; `events` 0 or 1; `pick_returns` the net return of picking that name on that day
/// (may be empty). Missing: NaN; a cell counts when probability and event are both there. Among equal
/// probabilities the first instrument in symbol order is picked first.
/// Errors: kInvalidArgument for shapes that differ or k < 1.
/// Sources: Davis and Goadrich (2006) for precision-recall; Brier (1950); scikit-learn's definitions.
EventEvaluation evaluate_events(const Panel& probabilities, const Panel& events, const Panel& pick_returns,
                                std::span<const int> k);

}  // namespace orrery
