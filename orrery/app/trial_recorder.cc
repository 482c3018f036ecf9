#include "orrery/app/trial_recorder.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "orrery/app/run_study.h"
#include "orrery/base/error.h"
#include "orrery/base/fingerprint.h"
#include "orrery/ml/overfitting.h"

namespace orrery {
namespace {

double variance(const std::vector<double>& values) {
  double mean = 0.0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  double squares = 0.0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(values.size() - 1);
}

TrialKey trial_key(const Study& study, const PriceLoad& prices) {
  const auto& dates = prices.market.dates;
  const auto folds = study_folds(study, dates);
  return {prices.fingerprint, dates[folds.front().test.begin], dates[folds.back().test.end - 1]};
}

}  // namespace

LedgerVerdict judge_among(const TrialOutcome& outcome, const std::vector<RecordedTrial>& trials) {
  std::map<std::string, std::optional<double>> distinct;
  for (const auto& recorded : trials) {
    auto& sharpe = distinct[recorded.trial.study_fingerprint];
    const auto& found = recorded.outcome;
    if (found && !found->failed && std::isfinite(found->sharpe)) sharpe = found->sharpe;
  }
  std::vector<double> sharpes;
  for (const auto& [study, sharpe] : distinct) {
    if (sharpe) sharpes.push_back(*sharpe);
  }
  const double spread = sharpes.size() >= 2 ? variance(sharpes) : 1.0 / std::max(1.0, outcome.periods - 1.0);
  LedgerVerdict verdict;
  verdict.distinct_trials = std::max<std::size_t>(1, distinct.size());
  verdict.deflated_sharpe =
      deflated_sharpe({outcome.sharpe, outcome.periods, outcome.skewness, outcome.kurtosis}, spread,
                      static_cast<double>(verdict.distinct_trials));
  return verdict;
}

TrialRecorder::TrialRecorder(const Study& study, const StudyOverrides& overrides,
                             const std::filesystem::path& ledger)
    : study_(study), ledger_(ledger) {
  Fingerprint fingerprint;
  fingerprint.update(study.yaml);
  trial_.study = study.name;
  trial_.study_fingerprint = fingerprint.hex();
  trial_.seed = study.seed;
  for (const auto& [key, value] : overrides) {
    if (!trial_.overrides.empty()) trial_.overrides += ' ';
    trial_.overrides += fmt::format("{}={}", key, value);
  }
}

TrialRecorder::~TrialRecorder() {
  if (!open_) return;
  try {
    ledger_.finish(*open_, {true});
  } catch (const Error&) {
    // The trial stays in the ledger without an outcome, and counts all the same.
  }
}

void TrialRecorder::begin(const PriceLoad& prices) {
  trial_.key = trial_key(study_, prices);
  open_ = ledger_.begin(trial_);
}

LedgerVerdict TrialRecorder::finish(const Performance& performance) {
  TrialOutcome outcome;
  outcome.sharpe = performance.sharpe / std::sqrt(performance.periods_per_year);
  outcome.periods = static_cast<double>(performance.periods);
  outcome.skewness = performance.skewness;
  outcome.kurtosis = performance.kurtosis;
  if (!open_) throw internal_error("a trial is finished that never began");
  ledger_.finish(*open_, outcome);
  open_.reset();
  return judge_among(outcome, ledger_.trials(trial_.key));
}

}  // namespace orrery
