#include "orrery/app/ledger_verdict.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/base/statistics.h"
#include "orrery/ml/overfitting.h"

namespace orrery::ledger_verdict_test {
namespace {

RecordedTrial recorded(const std::string& study, std::optional<TrialOutcome> outcome) {
  RecordedTrial trial;
  trial.trial.study_fingerprint = study;
  trial.outcome = outcome;
  return trial;
}

/// The published example: 100 trials whose annual Sharpe ratios vary with 1/2, T = 1250 days of 250 a year,
/// the best at 2.5 a year, skewness -3, kurtosis 10: 0.9004 (Bailey and López de Prado 2014, section
/// "A numerical example"). 50 trials each at ± s have the sample variance s² × 100 / 99.
TEST(JudgeAmong, DeflatesByWhatTheLedgerHolds) {
  const TrialOutcome best{false, 2.5 / std::sqrt(250.0), 1250.0, -3.0, 10.0};
  const double s = std::sqrt(0.5 / 250.0 * 99.0 / 100.0);
  std::vector<RecordedTrial> trials;
  for (int i = 0; i < 100; ++i)
    trials.push_back(recorded(std::to_string(i), TrialOutcome{false, i % 2 == 0 ? s : -s, 1250.0, 0.0, 3.0}));
  const auto verdict = judge_among(best, trials);
  EXPECT_EQ(verdict.distinct_trials, 100u);
  EXPECT_NEAR(verdict.deflated_sharpe, 0.9004, 5e-5);
}

TEST(JudgeAmong, CountsEqualStudiesOnceAndFailedAndKilledOnesToo) {
  const TrialOutcome outcome{false, 0.1, 300.0, 0.0, 3.0};
  const auto one = judge_among(outcome, {recorded("a", outcome), recorded("a", outcome)});
  EXPECT_EQ(one.distinct_trials, 1u);
  EXPECT_EQ(one.deflated_sharpe, probabilistic_sharpe({0.1, 300.0, 0.0, 3.0}, 0.0));
  const auto three = judge_among(
      outcome, {recorded("a", outcome), recorded("b", TrialOutcome{true}), recorded("c", std::nullopt)});
  EXPECT_EQ(three.distinct_trials, 3u);
  EXPECT_EQ(three.deflated_sharpe, deflated_sharpe({0.1, 300.0, 0.0, 3.0}, 1.0 / 299.0, 3.0));
}

/// Twelve trials of 200 sessions from whole numbers, so that any program makes the same series.
std::vector<RecordedTrial> oracle_trials() {
  std::vector<RecordedTrial> trials;
  for (std::int64_t k = 0; k < 12; ++k) {
    TrialOutcome outcome{false, 0.0, 200.0, 0.0, 3.0};
    for (std::int64_t t = 0; t < 200; ++t) {
      const auto own = static_cast<double>((t * t * 7919 + k * 104729 + t * k * 31) % 1009);
      const auto common = static_cast<double>(t * 5417 % 499);
      outcome.net_returns.dates.push_back({static_cast<std::int32_t>(t)});
      outcome.net_returns.values.push_back(own / 1009 * 0.02 - 0.0098 + common / 499 * 0.01 - 0.005);
    }
    const auto& values = outcome.net_returns.values;
    outcome.sharpe = mean(values) / standard_deviation(values);
    trials.push_back(recorded(std::to_string(k), outcome));
  }
  return trials;
}

const TrialOutcome& best_of(const std::vector<RecordedTrial>& trials) {
  return *std::max_element(trials.begin(), trials.end(), [](const auto& a, const auto& b) {
            return a.outcome->sharpe < b.outcome->sharpe;
          })->outcome;
}

/// The golden numbers are numpy's (2.x) and scipy's on the same series r(t, k):
///   R = [[r(t, k) for k in range(12)] for t in range(200)]; S = R.mean(0) / R.std(0, ddof=1)
///   rho = corrcoef(R.T)[triu_indices(12, 1)].mean(); n = rho + (1 - rho) * 12; v = S.var(ddof=1)
///   luck = sqrt(v) * ((1 - euler_gamma) * norm.ppf(1 - 1/n) + euler_gamma * norm.ppf(1 - 1/(n * e)))
///   norm.cdf((S.max() - luck) * sqrt(199) / sqrt(1 + S.max()**2 / 2))
/// and for the overfitting every combinations(range(16), 8) of blocks of 12 sessions (the first 8 left out):
/// the share with the in-sample best at rank <= (12 + 1) / 2 out of sample, 10874 of 12870. Tolerance:
/// rounding.
TEST(JudgeAmong, AgreesWithNumpyOnRecordedReturns) {
  const auto trials = oracle_trials();
  const auto verdict = judge_among(best_of(trials), trials);
  EXPECT_EQ(verdict.distinct_trials, 12u);
  EXPECT_NEAR(verdict.mean_correlation, 0.23455585855428157, 1e-12);
  EXPECT_NEAR(verdict.effective_trials, 9.419885555902903, 1e-11);
  EXPECT_NEAR(verdict.deflated_sharpe, 0.6004386527572088, 1e-10);
  ASSERT_TRUE(verdict.overfitting_probability.has_value());
  EXPECT_DOUBLE_EQ(*verdict.overfitting_probability, 10874.0 / 12870.0);
}

TEST(JudgeAmong, CountsTrialsWithoutReturnsAsIndependent) {
  auto trials = oracle_trials();
  const auto all = judge_among(best_of(trials), trials);
  trials.push_back(recorded("failed", TrialOutcome{true}));
  trials.push_back(recorded("cancelled", std::nullopt));
  const auto more = judge_among(best_of(trials), {trials});
  EXPECT_EQ(more.distinct_trials, 14u);
  EXPECT_NEAR(more.effective_trials, all.effective_trials + 2.0, 1e-12);
}

TEST(JudgeAmong, EqualSeriesAreOneTrialAndOppositeOnesNoMoreThanTwo) {
  auto trials = oracle_trials();
  trials.resize(2);
  trials[1].outcome->net_returns = trials[0].outcome->net_returns;
  EXPECT_NEAR(judge_among(*trials[0].outcome, trials).effective_trials, 1.0, 1e-12);
  for (auto& value : trials[1].outcome->net_returns.values) value = -value;
  EXPECT_EQ(judge_among(*trials[0].outcome, trials).effective_trials, 2.0);
}

TEST(JudgeAmong, UsesCommonSessionsOnly) {
  auto trials = oracle_trials();
  const auto before = judge_among(best_of(trials), trials);
  auto& last = trials.back().outcome->net_returns;
  last.dates.push_back({100000});
  last.values.push_back(5.0);
  const auto after = judge_among(best_of(trials), trials);
  EXPECT_EQ(after.mean_correlation, before.mean_correlation);
  EXPECT_EQ(after.overfitting_probability, before.overfitting_probability);
}

TEST(JudgeAmong, SaysWhyOverfittingIsNotComputable) {
  auto trials = oracle_trials();
  trials.resize(3);
  EXPECT_EQ(judge_among(*trials[0].outcome, trials).overfitting_reason, "not computable: 3 trials");
  const auto lone = judge_among(*trials[0].outcome, {trials[0]});
  EXPECT_EQ(lone.overfitting_reason, "not computable: 1 trial");
  EXPECT_NE(verdict_text(lone).find("trials   1 distinct"), std::string::npos);
}

/// The p-values themselves are held against arch and numpy in superior_ability_test.cc. Here: of twelve
/// trials around 0 the best is no surprise; once one earns 0.4 % a session more over its universe it is; and
/// a universe that earns as much as the trial takes that away again.
TEST(JudgeAmong, AsksWhetherTheBestBeatsItsUniverse) {
  auto trials = oracle_trials();
  EXPECT_TRUE(std::isnan(judge_among(best_of(trials), trials).spa));
  for (auto& trial : trials) trial.outcome->benchmark_returns.assign(200, 0.0);
  EXPECT_GT(judge_among(best_of(trials), trials).spa, 0.1);
  for (auto& value : trials[5].outcome->net_returns.values) value += 0.004;
  const auto better = judge_among(best_of(trials), trials);
  EXPECT_LT(better.spa, 0.01);
  EXPECT_LT(better.reality_check, 0.01);
  EXPECT_NE(verdict_text(better).find("if none earned anything (SPA): 0.00"), std::string::npos);
  trials[4].outcome->benchmark_returns.assign(200, 1e-9);
  EXPECT_NE(verdict_text(judge_among(best_of(trials), trials)).find("if none beat its universe (SPA): 0.00"),
            std::string::npos);
  trials[5].outcome->benchmark_returns.assign(200, 0.004);
  EXPECT_GT(judge_among(best_of(trials), trials).spa, 0.1);
}

TEST(VerdictJson, HasANumberOrTheReason) {
  const auto trials = oracle_trials();
  const auto full = nlohmann::json::parse(verdict_json(judge_among(best_of(trials), trials)));
  EXPECT_EQ(full["distinct_trials"], 12);
  EXPECT_TRUE(full["pbo"].is_number());
  EXPECT_TRUE(full["pbo_reason"].is_null());
  const auto lone = nlohmann::json::parse(verdict_json(judge_among(best_of(trials), {})));
  EXPECT_TRUE(lone["pbo"].is_null());
  EXPECT_EQ(lone["effective_trials"], 1.0);
  EXPECT_TRUE(lone["spa"].is_null());
  EXPECT_EQ(lone["pbo_reason"], "not computable: 0 trials with recorded returns");
}

}  // namespace
}  // namespace orrery::ledger_verdict_test
