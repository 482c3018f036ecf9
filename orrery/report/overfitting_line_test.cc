#include "orrery/report/overfitting_line.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/random.h"
#include "orrery/ml/overfitting.h"

namespace orrery::overfitting_line_test {
namespace {

Panel noise(std::size_t sessions, std::size_t trials) {
  Panel returns(sessions, trials);
  Random random(3);
  for (std::size_t t = 0; t < sessions; ++t) {
    for (double& cell : returns.row(t)) cell = 0.01 * random.normal();
  }
  return returns;
}

bool says(const Trust& trust, std::string_view part) {
  return render_overfitting(trust).find(part) != std::string::npos;
}

TEST(OverfittingLine, SaysHowManyTrialsAreKnownWhenThereAreTooFew) {
  EXPECT_TRUE(
      says(measure_trust({}, {}, {}, 1), "Probability of backtest overfitting: not computable: 1 trial."));
  EXPECT_TRUE(says(measure_trust({}, {}, {}, 9), "not computable: 9 trials."));
  EXPECT_TRUE(says(measure_trust({}, {}, {}, 12),
                   "not computable: 12 trials, whose returns this run does not have."));
}

TEST(OverfittingLine, IsTheProbabilityWhereTenTrialsAreKnown) {
  Panel returns = noise(200, 10);
  const double expected = overfitting_probability(returns)->probability;
  EXPECT_EQ(measure_trust({}, {}, {}, 10, &returns).overfitting_probability, expected);

  // A session that one trial lacks is left out of all.
  Panel longer(201, 10);
  for (std::size_t t = 0; t < 200; ++t) {
    for (std::size_t n = 0; n < 10; ++n) longer(t, n) = returns(t, n);
  }
  const Trust trust = measure_trust({}, {}, {}, 10, &longer);
  EXPECT_EQ(trust.overfitting_probability, expected);
  EXPECT_EQ(trust.trials_with_returns, 10u);
  EXPECT_TRUE(says(trust, "the best of 10 trials"));
}

TEST(OverfittingLine, NeedsTenTrialsAndEnoughSessions) {
  const Panel few_trials = noise(200, 9);
  EXPECT_TRUE(std::isnan(measure_trust({}, {}, {}, 9, &few_trials).overfitting_probability));
  const Panel few_sessions = noise(31, 10);
  const Trust trust = measure_trust({}, {}, {}, 10, &few_sessions);
  EXPECT_TRUE(std::isnan(trust.overfitting_probability));
  EXPECT_TRUE(says(trust, "10 trials, but too few sessions in common"));
}

}  // namespace
}  // namespace orrery::overfitting_line_test
