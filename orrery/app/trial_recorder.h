#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

#include "orrery/app/ledger_verdict.h"
#include "orrery/app/run_study.h"
#include "orrery/app/study.h"
#include "orrery/data/trial_ledger.h"

namespace orrery {

/// What tells one trial from another.
struct TrialSubject {
  const Study& study;
  const StudyOverrides& overrides;
  std::string scores_fingerprint = {};  ///< of own scores; "": the study's model makes them
};

/// Returns the fingerprint by which equal trials are known: of the study as run and, if any, the scores.
std::string trial_fingerprint(const TrialSubject& subject);

/// Records one trial: that it begins, on what, and what came of it. One that ends without `finish` (an error,
/// thrown through) is recorded as failed; one that is killed or interrupted stays without an outcome. Both
/// count.
class TrialRecorder {
 public:
  /// Opens the ledger and records that the trial begins, before its data is read. Errors: as TrialLedger.
  TrialRecorder(const TrialSubject& subject, const std::filesystem::path& ledger);
  ~TrialRecorder();
  TrialRecorder(const TrialRecorder&) = delete;
  TrialRecorder& operator=(const TrialRecorder&) = delete;

  /// Tells the data and the sessions that the study's folds test. Errors: as study_folds.
  void locate_folds(const PriceLoad& prices);
  /// Tells the data and the sessions that own scores cover.
  void locate_scores(const PriceLoad& prices, const Panel& scores);
  /// Tells the result and returns what the ledger, this trial included, makes of it.
  LedgerVerdict finish(const ScoreEvaluation& evaluation);

 private:
  void locate(const TrialKey& key);

  const Study& study_;
  TrialLedger ledger_;
  Trial trial_;
  std::optional<std::int64_t> open_;  ///< begun and not finished
};

/// What the ledger keeps of an evaluation.
TrialOutcome trial_outcome(const ScoreEvaluation& evaluation);

}  // namespace orrery
