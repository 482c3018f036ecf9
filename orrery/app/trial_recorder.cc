#include "orrery/app/trial_recorder.h"

#include <fmt/format.h>

#include <cmath>

#include "orrery/app/trade_scores.h"
#include "orrery/base/error.h"
#include "orrery/base/fingerprint.h"

namespace orrery {

std::string trial_fingerprint(const TrialSubject& subject) {
  Fingerprint fingerprint;
  fingerprint.update(subject.study.yaml);
  if (!subject.scores_fingerprint.empty()) fingerprint.update("\nscores " + subject.scores_fingerprint);
  return fingerprint.hex();
}

TrialRecorder::TrialRecorder(const TrialSubject& subject, const std::filesystem::path& ledger)
    : study_(subject.study), ledger_(ledger) {
  trial_.study = study_.name;
  trial_.study_fingerprint = trial_fingerprint(subject);
  trial_.seed = study_.seed;
  for (const auto& [key, value] : subject.overrides) {
    if (!trial_.overrides.empty()) trial_.overrides += ' ';
    trial_.overrides += fmt::format("{}={}", key, value);
  }
  open_ = ledger_.begin(trial_);
}

TrialRecorder::~TrialRecorder() {
  if (!open_) return;
  try {
    ledger_.finish(*open_, {true});
  } catch (const Error&) {
    // The trial stays in the ledger without an outcome, and counts all the same.
  }
}

void TrialRecorder::locate(const TrialKey& key) {
  if (!open_) throw internal_error("a trial is located that has ended");
  ledger_.locate(*open_, key);
  trial_.key = key;
}

void TrialRecorder::locate_folds(const PriceLoad& prices) {
  const auto& dates = prices.market.dates;
  const auto folds = study_folds(study_, dates);
  locate({prices.fingerprint, dates[folds.front().test.begin], dates[folds.back().test.end - 1]});
}

void TrialRecorder::locate_scores(const PriceLoad& prices, const Panel& scores) {
  const auto rows = scored_rows(scores);
  if (rows.empty()) return;  // what follows refuses it
  locate({prices.fingerprint, prices.market.dates[rows.begin], prices.market.dates[rows.end - 1]});
}

LedgerVerdict TrialRecorder::finish(const ScoreEvaluation& evaluation) {
  if (!open_) throw internal_error("a trial is finished that never began");
  const TrialOutcome outcome = trial_outcome(evaluation);
  ledger_.finish(*open_, outcome);
  open_.reset();
  return judge_among(outcome, ledger_.trials(trial_.key));
}

TrialOutcome trial_outcome(const ScoreEvaluation& evaluation) {
  const Performance& performance = evaluation.performance;
  TrialOutcome outcome;
  outcome.sharpe = performance.sharpe / std::sqrt(performance.periods_per_year);
  outcome.periods = static_cast<double>(performance.periods);
  outcome.skewness = performance.skewness;
  outcome.kurtosis = performance.kurtosis;
  for (const auto& day : evaluation.backtest.daily) {
    outcome.net_returns.dates.push_back(day.date);
    outcome.net_returns.values.push_back(day.net_return);
  }
  outcome.benchmark_returns = evaluation.benchmark_returns;
  return outcome;
}

}  // namespace orrery
