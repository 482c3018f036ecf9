#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "orrery/data/trial_ledger.h"

namespace orrery {

/// What the ledger makes of a result.
struct LedgerVerdict {
  std::size_t distinct_trials = 0;  ///< different studies on the same data and tested sessions, this included
  /// As how many independent trials they count; at least 1, at most `distinct_trials`.
  double effective_trials = 1.0;
  /// Mean pairwise correlation of the recorded net returns on common sessions; NaN with fewer than two.
  double mean_correlation = std::numeric_limits<double>::quiet_NaN();
  /// Probability that the true Sharpe ratio exceeds what the best of so many independent trials shows by
  /// luck. Their variance is that of the finished ones' Sharpe ratios, or for fewer than two
  /// 1 / (sessions - 1).
  double deflated_sharpe = 0.0;
  /// Probability of backtest overfitting among the trials; nothing: `overfitting_reason` says why.
  std::optional<double> overfitting_probability;
  std::string overfitting_reason;
  /// Whether the best of the trials beats its universe, or the luckiest of many: probability of as good a
  /// best if none did. Over the trials whose benchmark is recorded; NaN where there are too few sessions.
  double spa = std::numeric_limits<double>::quiet_NaN();            ///< Hansen (2005), consistent
  double reality_check = std::numeric_limits<double>::quiet_NaN();  ///< White (2000)
  /// The trials are spreads, which are held against nothing: factors, and what a search for settings tried.
  bool of_spreads = false;
};

/// Judges a result among the trials recorded on its data and tested sessions; of equal studies the last
/// finished one counts. Trials without recorded returns (failed, cancelled, or of an older ledger) count as
/// independent of all others, so that the verdict errs on the careful side.
/// Sources: Bailey and López de Prado (2014), eq. 1, 2 and appendix A.3; Bailey et al. (2017); White (2000);
/// Hansen (2005).
LedgerVerdict judge_among(const TrialOutcome& outcome, const std::vector<RecordedTrial>& trials);

/// Says the verdict in two or three lines for a terminal of 80 columns.
std::string verdict_text(const LedgerVerdict& verdict);

/// The same as one JSON object: {"distinct_trials", "effective_trials", "deflated_sharpe", "pbo",
/// "pbo_reason", "spa", "reality_check"}; pbo is null and the reason a text where it is not computable, else
/// the reason is null.
std::string verdict_json(const LedgerVerdict& verdict);

}  // namespace orrery
