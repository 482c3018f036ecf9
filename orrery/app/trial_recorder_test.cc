#include "orrery/app/trial_recorder.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/ml/overfitting.h"

namespace orrery {
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

}  // namespace
}  // namespace orrery
