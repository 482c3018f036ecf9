#include "orrery/app/ledger_verdict.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "orrery/base/statistics.h"
#include "orrery/factor/evaluation.h"
#include "orrery/market/panel.h"
#include "orrery/ml/overfitting.h"
#include "orrery/ml/superior_ability.h"

namespace orrery {
namespace {

constexpr int kBlocks = 16;
constexpr std::size_t kFewestCommonSessions = 20;
constexpr int kBootstrapDraws = 2000;

/// By study; null: no run of it has finished.
using DistinctTrials = std::map<std::string, const TrialOutcome*>;

DistinctTrials distinct_trials(const std::vector<RecordedTrial>& trials) {
  DistinctTrials distinct;
  for (const auto& recorded : trials) {
    auto& last = distinct[recorded.trial.study_fingerprint];
    const auto& found = recorded.outcome;
    if (found && !found->failed && std::isfinite(found->sharpe)) last = &*found;
  }
  return distinct;
}

std::vector<double> finished_sharpes(const DistinctTrials& trials) {
  std::vector<double> sharpes;
  for (const auto& [study, outcome] : trials) {
    if (outcome != nullptr) sharpes.push_back(outcome->sharpe);
  }
  return sharpes;
}

std::vector<const DatedReturns*> recorded_returns(const DistinctTrials& trials) {
  std::vector<const DatedReturns*> returns;
  for (const auto& [study, outcome] : trials) {
    if (outcome != nullptr && !outcome->net_returns.values.empty()) returns.push_back(&outcome->net_returns);
  }
  return returns;
}

/// Correlation on the sessions of both; NaN for too few of them or a constant series.
double common_correlation(const DatedReturns& a, const DatedReturns& b) {
  std::vector<double> x;
  std::vector<double> y;
  for (std::size_t i = 0, j = 0; i < a.dates.size() && j < b.dates.size();) {
    if (a.dates[i] == b.dates[j] && std::isfinite(a.values[i]) && std::isfinite(b.values[j])) {
      x.push_back(a.values[i]);
      y.push_back(b.values[j]);
    }
    const bool step_a = a.dates[i] <= b.dates[j];
    const bool step_b = b.dates[j] <= a.dates[i];
    i += step_a ? 1 : 0;
    j += step_b ? 1 : 0;
  }
  return x.size() < kFewestCommonSessions ? Panel::missing() : pearson_correlation(x, y);
}

double mean_pairwise_correlation(const std::vector<const DatedReturns*>& returns) {
  std::vector<double> pairs;
  for (std::size_t i = 0; i < returns.size(); ++i) {
    for (std::size_t j = i + 1; j < returns.size(); ++j) {
      pairs.push_back(common_correlation(*returns[i], *returns[j]));
    }
  }
  return mean(drop_missing(pairs));
}

/// Trials with returns count by their correlation, those without as independent. A negative correlation can't
/// make more trials than there are.
double effective_number(std::size_t distinct, std::size_t with_returns, double correlation) {
  const auto without = static_cast<double>(distinct - with_returns);
  if (!std::isfinite(correlation)) return static_cast<double>(distinct);
  return without + independent_trials(static_cast<double>(with_returns), std::clamp(correlation, 0.0, 1.0));
}

/// The sessions on which every trial has a return.
std::vector<Date> common_sessions(const std::vector<const DatedReturns*>& returns) {
  std::map<Date, std::size_t> counts;
  for (const auto* series : returns) {
    for (std::size_t i = 0; i < series->dates.size(); ++i) {
      if (std::isfinite(series->values[i])) ++counts[series->dates[i]];
    }
  }
  std::vector<Date> common;
  for (const auto& [date, count] : counts) {
    if (count == returns.size()) common.push_back(date);
  }
  return common;
}

Panel returns_panel(const std::vector<const DatedReturns*>& returns, const std::vector<Date>& dates) {
  Panel panel(dates.size(), returns.size());
  for (std::size_t trial = 0; trial < returns.size(); ++trial) {
    for (std::size_t i = 0; i < returns[trial]->dates.size(); ++i) {
      const auto place = std::lower_bound(dates.begin(), dates.end(), returns[trial]->dates[i]);
      if (place == dates.end() || *place != returns[trial]->dates[i]) continue;
      panel(static_cast<std::size_t>(place - dates.begin()), trial) = returns[trial]->values[i];
    }
  }
  return panel;
}

void judge_overfitting(const std::vector<const DatedReturns*>& returns, LedgerVerdict& verdict) {
  if (returns.size() < kFewestTrialsForOverfitting) {
    verdict.overfitting_reason =
        fmt::format("not computable: {} trial{}", returns.size(), returns.size() == 1 ? "" : "s");
    if (returns.size() < verdict.distinct_trials) verdict.overfitting_reason += " with recorded returns";
    return;
  }
  const auto dates = common_sessions(returns);
  if (dates.size() < 2 * kBlocks) {
    verdict.overfitting_reason = fmt::format("not computable: {} common sessions", dates.size());
    return;
  }
  verdict.overfitting_probability =
      overfitting_probability(returns_panel(returns, dates), kBlocks)->probability;
}

std::vector<DatedReturns> excess_returns(const DistinctTrials& trials) {
  std::vector<DatedReturns> excess;
  for (const auto& [study, outcome] : trials) {
    if (outcome == nullptr || outcome->benchmark_returns.empty()) continue;
    excess.push_back(outcome->net_returns);
    for (std::size_t i = 0; i < excess.back().values.size(); ++i)
      excess.back().values[i] -= outcome->benchmark_returns[i];
  }
  return excess;
}

/// Whether all recorded benchmarks earn nothing throughout.
bool are_spreads(const DistinctTrials& trials) {
  return std::all_of(trials.begin(), trials.end(), [](const auto& trial) {
    if (trial.second == nullptr) return true;
    const auto& earned = trial.second->benchmark_returns;
    return std::all_of(earned.begin(), earned.end(), [](double value) { return value == 0.0; });
  });
}

void judge_superiority(const DistinctTrials& trials, LedgerVerdict& verdict) {
  const auto excess = excess_returns(trials);
  std::vector<const DatedReturns*> series;
  for (const auto& returns : excess) series.push_back(&returns);
  if (series.empty()) return;
  const auto dates = common_sessions(series);
  if (dates.size() < kFewestCommonSessions) return;
  BlockBootstrapOptions options;
  options.draws = kBootstrapDraws;
  const auto found = test_superior_ability(returns_panel(series, dates), options);
  verdict.of_spreads = are_spreads(trials);
  verdict.spa = found.spa;
  verdict.reality_check = found.reality_check;
}

}  // namespace

LedgerVerdict judge_among(const TrialOutcome& outcome, const std::vector<RecordedTrial>& trials) {
  const auto distinct = distinct_trials(trials);
  const auto sharpes = finished_sharpes(distinct);
  const auto returns = recorded_returns(distinct);
  LedgerVerdict verdict;
  verdict.distinct_trials = std::max<std::size_t>(1, distinct.size());
  verdict.mean_correlation = mean_pairwise_correlation(returns);
  verdict.effective_trials =
      effective_number(verdict.distinct_trials, returns.size(), verdict.mean_correlation);
  const double deviation = standard_deviation(sharpes);
  const double variance =
      sharpes.size() >= 2 ? deviation * deviation : 1.0 / std::max(1.0, outcome.periods - 1.0);
  verdict.deflated_sharpe =
      deflated_sharpe({outcome.sharpe, outcome.periods, outcome.skewness, outcome.kurtosis}, variance,
                      verdict.effective_trials);
  judge_overfitting(returns, verdict);
  judge_superiority(distinct, verdict);
  return verdict;
}

std::string verdict_text(const LedgerVerdict& verdict) {
  const bool one = verdict.distinct_trials == 1;
  std::string text =
      fmt::format("trials   {} distinct on this data and span, by your ledger", verdict.distinct_trials);
  if (!one) text += fmt::format("; worth {:.1f} independent", verdict.effective_trials);
  text +=
      fmt::format("\n         probability that the Sharpe ratio is more than {}: {}\n",
                  one ? "luck" : "the luck of so many",
                  std::isnan(verdict.deflated_sharpe) ? "–" : fmt::format("{:.2f}", verdict.deflated_sharpe));
  text += verdict.overfitting_probability
              ? fmt::format("         probability of backtest overfitting (CSCV): {:.2f}\n",
                            *verdict.overfitting_probability)
              : fmt::format("         probability of backtest overfitting {}\n", verdict.overfitting_reason);
  if (std::isfinite(verdict.spa))
    text += fmt::format("         chance of as good a best if none {} (SPA): {:.2f}\n",
                        verdict.of_spreads ? "earned anything" : "beat its universe", verdict.spa);
  return text;
}

std::string verdict_json(const LedgerVerdict& verdict) {
  const auto number = [](double value) {
    return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json();
  };
  nlohmann::ordered_json json = {{"distinct_trials", verdict.distinct_trials},
                                 {"effective_trials", number(verdict.effective_trials)},
                                 {"mean_correlation", number(verdict.mean_correlation)},
                                 {"deflated_sharpe", number(verdict.deflated_sharpe)},
                                 {"pbo", nullptr},
                                 {"pbo_reason", nullptr},
                                 {"spa", number(verdict.spa)},
                                 {"reality_check", number(verdict.reality_check)}};
  if (verdict.overfitting_probability) {
    json["pbo"] = *verdict.overfitting_probability;
  } else {
    json["pbo_reason"] = verdict.overfitting_reason;
  }
  return json.dump();
}

}  // namespace orrery
