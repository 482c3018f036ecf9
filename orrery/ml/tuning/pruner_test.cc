#include "orrery/ml/tuning/pruner.h"

#include <gtest/gtest.h>

#include "orrery/base/error.h"

namespace orrery::pruner_test {
namespace {

TuningTrial trial(std::vector<double> steps, TuningTrial::State state = TuningTrial::State::kComplete) {
  return {state, {}, steps.empty() ? 0.0 : steps.back(), std::move(steps)};
}

bool stops(const Pruner& pruner, std::vector<TuningTrial> trials, std::vector<double> steps) {
  trials.push_back(trial(std::move(steps), TuningTrial::State::kRunning));
  return pruner.should_stop(trials, trials.size() - 1);
}

/// Losses at the second step: 1 to 5, median 3. The best step so far counts.
TEST(MedianPruner, StopsWhatIsWorseThanTheMedianAtItsStep) {
  const auto pruner = make_pruner("median", {4});
  std::vector<TuningTrial> others;
  for (double loss = 1.0; loss <= 5.0; ++loss) others.push_back(trial({9.0, loss, loss, loss}));
  EXPECT_TRUE(stops(*pruner, others, {4.0, 3.1}));
  EXPECT_FALSE(stops(*pruner, others, {4.0, 3.0}));
  EXPECT_FALSE(stops(*pruner, others, {2.0, 3.1}));
  EXPECT_FALSE(stops(*pruner, others, {9.0, 9.0, 9.0, 9.0}));
  others.pop_back();
  EXPECT_FALSE(stops(*pruner, others, {4.0, 3.1}));
}

/// Of four at the first rung two go on; the third step is no rung.
TEST(SuccessiveHalving, KeepsTheBetterHalfAtEachRung) {
  const auto pruner = make_pruner("successive_halving", {8});
  const std::vector<TuningTrial> others = {trial({1.0}), trial({2.0}), trial({3.0})};
  EXPECT_FALSE(stops(*pruner, others, {1.5}));
  EXPECT_TRUE(stops(*pruner, others, {2.5}));
  EXPECT_FALSE(stops(*pruner, {}, {100.0}));
  EXPECT_FALSE(stops(*pruner, others, {9.0, 9.0, 9.0}));
  EXPECT_FALSE(stops(*pruner, {trial({1.0, 1.0})}, {1.0, 1.0}));
  EXPECT_TRUE(stops(*pruner, {trial({1.0, 1.0})}, {1.0, 2.0}));
}

/// Eight steps make brackets that begin to halve after 1, 2, 4 and 8 steps with shares of 8, 8, 4 and 4 of 24
/// trials: in 24 trials as bad as can be that many are stopped after 1, 2 and 4 steps, save the best of each.
TEST(Hyperband, DealsTrialsToBrackets) {
  const auto pruner = make_pruner("hyperband", {8});
  std::vector<TuningTrial> trials;
  std::vector<std::size_t> stopped_after(9, 0);
  for (int i = 0; i < 24; ++i) {
    trials.push_back(trial({}, TuningTrial::State::kRunning));
    for (std::size_t step = 1; step <= 8; ++step) {
      trials.back().steps.push_back(i);
      if (!pruner->should_stop(trials, trials.size() - 1)) continue;
      ++stopped_after[step];
      break;
    }
  }
  EXPECT_EQ(stopped_after[1] + stopped_after[2] + stopped_after[4] + stopped_after[8], 8u + 8u + 4u - 3u);
  EXPECT_GE(stopped_after[1], 4u);
  EXPECT_GE(stopped_after[4], 2u);
  EXPECT_EQ(stopped_after[3] + stopped_after[5] + stopped_after[8], 0u);
}

TEST(Pruner, IsKnownByName) {
  EXPECT_FALSE(stops(*make_pruner("none", {4}), {trial({1.0}), trial({1.0})}, {5.0}));
  EXPECT_THROW(make_pruner("best", {4}), Error);
}

}  // namespace
}  // namespace orrery::pruner_test
