#include "orrery/app/factor_trials.h"

#include <fmt/format.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/fingerprint.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

std::string fingerprint_of(const FactorDefinition& definition, const FactorEvaluationSpec& spec,
                           const std::string& precision) {
  Fingerprint fingerprint;
  fingerprint.update(fmt::format("factor {}\n", definition.expression));
  for (const auto& [name, value] : definition.parameters)
    fingerprint.update(fmt::format("{}={}\n", name, value));
  fingerprint.update(fmt::format("{} delay {} quantiles {} names {} common {}", precision, spec.delay,
                                 spec.quantiles, spec.minimum_names, spec.common_sample));
  return fingerprint.hex();
}

/// The same result of the opposite positions.
TrialOutcome turned(TrialOutcome outcome) {
  outcome.sharpe = -outcome.sharpe;
  outcome.skewness = -outcome.skewness;
  for (double& value : outcome.net_returns.values) value = -value;
  return outcome;
}

}  // namespace

FactorTrials::FactorTrials(const std::vector<FactorDefinition>& definitions, const FactorEvaluationSpec& spec,
                           const std::string& precision, const std::filesystem::path& ledger)
    : ledger_(ledger) {
  std::vector<Trial> trials;
  for (const auto& definition : definitions) {
    Trial trial;
    trial.study = kFactorTrial;
    trial.study_fingerprint = fingerprint_of(definition, spec, precision);
    trial.overrides = fmt::format("{}={}", definition.name, definition.expression);
    trials.push_back(std::move(trial));
  }
  open_ = ledger_.begin_all(trials);
}

FactorTrials::~FactorTrials() {
  if (open_.empty()) return;
  try {
    ledger_.finish_all(open_, std::vector<TrialOutcome>(open_.size(), TrialOutcome{true}));
  } catch (const Error&) {
    // The trials stay in the ledger without an outcome, and count all the same.
  }
}

void FactorTrials::locate(const TrialKey& key) {
  ledger_.locate_all(open_, key);
  key_ = key;
}

std::optional<LedgerVerdict> FactorTrials::finish(const FactorEvaluation& evaluation,
                                                  const FactorRanking& ranking) {
  if (open_.size() != evaluation.factors.size()) throw internal_error("trials are finished that never began");
  std::vector<TrialOutcome> outcomes;
  for (const auto& factor : evaluation.factors) outcomes.push_back(factor_outcome(factor, evaluation.dates));
  ledger_.finish_all(open_, outcomes);
  open_.clear();
  if (ranking.tested == 0) return std::nullopt;
  const TrialOutcome& first = outcomes[ranking.order.front()];
  if (first.failed) return std::nullopt;
  return judge_among(first.sharpe < 0.0 ? turned(first) : first, ledger_.trials(key_));
}

/// The horizon of one session is the first one of every evaluation.
TrialOutcome factor_outcome(const FactorResult& factor, const std::vector<Date>& dates) {
  const auto& daily = factor.horizons.front().long_short.daily;
  TrialOutcome outcome;
  for (std::size_t t = 0; t < daily.size(); ++t) {
    if (!std::isfinite(daily[t])) continue;
    outcome.net_returns.dates.push_back(dates[t]);
    outcome.net_returns.values.push_back(daily[t]);
  }
  const auto& values = outcome.net_returns.values;
  const double deviation = standard_deviation(values);
  if (values.size() < 3 || !(deviation > 0.0)) return {true};
  outcome.sharpe = mean(values) / deviation;
  outcome.periods = static_cast<double>(values.size());
  outcome.skewness = skewness(values);
  outcome.kurtosis = kurtosis(values);
  return outcome;
}

}  // namespace orrery
