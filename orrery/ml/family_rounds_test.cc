#include "orrery/ml/family_rounds.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace orrery::family_rounds_test {
namespace {

using State = TuningTrial::State;

/// Plays rounds in which family f always loses `losses[f]` (NaN: fails), and returns whose turn it was.
std::vector<std::size_t> play(const std::vector<double>& losses, const std::vector<bool>& can_search,
                              std::size_t most) {
  std::vector<FamilyTrial> trials;
  std::vector<std::size_t> turns;
  while (trials.size() < most) {
    const auto next = next_family(trials, can_search);
    if (!next) break;
    const State state = std::isnan(losses[*next]) ? State::kFailed : State::kComplete;
    trials.push_back({*next, {state, {}, losses[*next], {}}});
    turns.push_back(*next);
  }
  return turns;
}

using Turns = std::vector<std::size_t>;

TEST(FamilyRounds, HalvesTheFamiliesAndDoublesTheirTrials) {
  EXPECT_EQ(play({0.5, 0.1, 0.4, 0.2}, {true, true, true, true}, 12),
            (Turns{0, 1, 2, 3, 1, 3, 1, 3, 1, 1, 1, 1}));
}

TEST(FamilyRounds, KeepsTheLargerHalfAndTheListedOrderAmongEquals) {
  EXPECT_EQ(play({0.2, 0.2, 0.2}, {true, true, true}, 9), (Turns{0, 1, 2, 0, 1, 0, 1, 0, 0}));
}

TEST(FamilyRounds, DropsWhatFailsOrHasNothingToSearch) {
  const double fails = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(play({fails, 0.3, 0.1}, {true, true, false}, 5), (Turns{0, 1, 2, 1, 1}));
  EXPECT_EQ(play({0.3, 0.1}, {false, false}, 5), (Turns{0, 1}));
}

TEST(FamilyRounds, LeavesALoneFamilyAllTrials) { EXPECT_EQ(play({1.0}, {true}, 4), (Turns{0, 0, 0, 0})); }

}  // namespace
}  // namespace orrery::family_rounds_test
