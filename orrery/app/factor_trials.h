#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "orrery/app/ledger_verdict.h"
#include "orrery/data/trial_ledger.h"
#include "orrery/factor/factor_evaluation.h"
#include "orrery/factor/factor_ranking.h"
#include "orrery/factor/factor_set.h"

namespace orrery {

/// The study's name in the ledger of all trials that are factors.
inline constexpr const char* kFactorTrial = "factor";

/// Records the factors of an evaluation as trials: one each, told apart by expression, precision and what the
/// recorded return depends on, whatever their names. Those that end without `finish` count as failed.
class FactorTrials {
 public:
  /// Opens the ledger and records that the trials begin, before their data is read. Errors: as TrialLedger.
  FactorTrials(const std::vector<FactorDefinition>& definitions, const FactorEvaluationSpec& spec,
               const std::string& precision, const std::filesystem::path& ledger);
  ~FactorTrials();
  FactorTrials(const FactorTrials&) = delete;
  FactorTrials& operator=(const FactorTrials&) = delete;

  /// Tells the data and the judged days.
  void locate(const TrialKey& key);
  /// Tells the results: of each factor the return over one session of its highest less its lowest group,
  /// before costs. Returns the verdict on the factor that is first in the ranking, its return turned to the
  /// side that earned; nothing where it has none.
  std::optional<LedgerVerdict> finish(const FactorEvaluation& evaluation, const FactorRanking& ranking);

 private:
  TrialLedger ledger_;
  TrialKey key_;
  std::vector<std::int64_t> open_;  ///< begun and not finished
};

/// What the ledger keeps of a factor. Failed: fewer than three days with a return.
TrialOutcome factor_outcome(const FactorResult& factor, const std::vector<Date>& dates);

}  // namespace orrery
