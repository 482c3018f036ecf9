#include "orrery/app/search_trials.h"

#include <fmt/format.h>

#include <utility>

#include "orrery/base/fingerprint.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

std::string settings_of(const SearchTrial& trial) {
  std::string text = "model=" + trial.model;
  for (const auto& [name, value] : trial.settings) text += fmt::format(" {}={}", name, to_string(value));
  return text;
}

TrialOutcome outcome_of(const SearchTrial& trial, const std::vector<Date>& dates) {
  if (trial.state == TuningTrial::State::kFailed) return {true};
  DatedReturns spread;
  for (const std::size_t row : trial.spreads.rows) spread.dates.push_back(dates[row]);
  spread.values = trial.spreads.values;
  const TrialOutcome outcome = spread_outcome(std::move(spread));
  return trial.state == TuningTrial::State::kPruned ? without_returns(outcome) : outcome;
}

void record_search(const Study& study, const SearchReport& search, const PriceLoad& prices,
                   TrialLedger& ledger) {
  const auto& dates = prices.market.dates;
  std::vector<Trial> trials;
  std::vector<TrialOutcome> outcomes;
  for (const auto& tried : search.trials) {
    Trial trial;
    trial.study = study.name + kSearchTrial;
    trial.overrides = settings_of(tried);
    trial.study_fingerprint = fingerprint_text(fmt::format("{}\nnested {}", study.yaml, trial.overrides));
    trial.key = {prices.fingerprint, dates[search.judged.begin], dates[search.judged.end - 1]};
    trial.seed = study.seed;
    trials.push_back(std::move(trial));
    outcomes.push_back(outcome_of(tried, dates));
  }
  ledger.finish_all(ledger.begin_all(trials), outcomes);
}

}  // namespace

TrialOutcome spread_outcome(DatedReturns spread) {
  const double deviation = standard_deviation(spread.values);
  if (spread.values.size() < 3 || !(deviation > 0.0)) return {true};
  TrialOutcome outcome;
  outcome.net_returns = std::move(spread);
  const auto& values = outcome.net_returns.values;
  outcome.benchmark_returns.assign(values.size(), 0.0);
  outcome.sharpe = mean(values) / deviation;
  outcome.periods = static_cast<double>(values.size());
  outcome.skewness = skewness(values);
  outcome.kurtosis = kurtosis(values);
  return outcome;
}

TrialOutcome without_returns(TrialOutcome outcome) {
  outcome.net_returns = {};
  outcome.benchmark_returns.clear();
  return outcome;
}

void record_search_trials(const Study& study, const StudyRun& run, const std::filesystem::path& ledger) {
  if (!searches_settings(study)) return;
  TrialLedger opened(ledger);
  for (const auto& fold : run.walk.folds) {
    if (fold.fit.search && !fold.taken_up) record_search(study, *fold.fit.search, run.prices, opened);
  }
}

std::string choice_text(const FoldReport& fold, std::size_t index) {
  if (!fold.fit.search) return {};
  const SearchReport& search = *fold.fit.search;
  const SearchTrial& chosen = search.trials[search.chosen];
  std::string text = fmt::format("fold {}: {}", index + 1, chosen.model);
  if (chosen.settings.empty()) text += ", as given";
  for (const auto& [name, value] : chosen.settings) {
    const auto* real = std::get_if<double>(&value);
    text += fmt::format(", {} {}", name, real != nullptr ? fmt::format("{:.3g}", *real) : to_string(value));
  }
  return text + fmt::format(" ({} {:.4f} inside, the best of {})", search.objective,
                            search.objective == "loss" ? chosen.loss : -chosen.loss, search.trials.size());
}

}  // namespace orrery
