#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>

#include "orrery/app/study.h"
#include "orrery/backtest/performance.h"
#include "orrery/data/trial_ledger.h"

namespace orrery {

/// What the ledger makes of a result.
struct LedgerVerdict {
  std::size_t distinct_trials = 0;  ///< different studies on the same data and tested sessions, this included
  /// Probability that the true Sharpe ratio exceeds what the best of so many trials shows by luck. Their
  /// variance is that of the finished ones' Sharpe ratios, or for fewer than two 1 / (sessions - 1).
  double deflated_sharpe = 0.0;
};

/// Judges a result among the trials recorded on its data and tested sessions; of equal studies the last
/// finished one counts. Source: Bailey and López de Prado (2014).
LedgerVerdict judge_among(const TrialOutcome& outcome, const std::vector<RecordedTrial>& trials);

/// Records one run of a study: that it begins, and what came of it. A run that ends without `finish` (an
/// error, thrown through) is recorded as failed; one that is killed stays without an outcome and counts.
class TrialRecorder {
 public:
  /// Opens the ledger, so that one that can't be used is known before the work. Errors: as TrialLedger.
  TrialRecorder(const Study& study, const StudyOverrides& overrides, const std::filesystem::path& ledger);
  ~TrialRecorder();
  TrialRecorder(const TrialRecorder&) = delete;
  TrialRecorder& operator=(const TrialRecorder&) = delete;

  void begin(const PriceLoad& prices);
  LedgerVerdict finish(const Performance& performance);

 private:
  const Study& study_;
  TrialLedger ledger_;
  Trial trial_;
  std::optional<std::int64_t> open_;  ///< begun and not finished
};

}  // namespace orrery
