#include "orrery/ml/deviation_skill.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::deviation_skill_test {
namespace {

/// Scores of which the sure half says the outcome and the unsure half its opposite.
struct Opposites {
  Panel scores{30, 10}, deviations{30, 10}, outcome{30, 10};

  Opposites() {
    Random random(3);
    for (std::size_t row = 0; row < 30; ++row) {
      for (std::size_t i = 0; i < 10; ++i) {
        const bool sure = i % 2 == 0;
        scores(row, i) = random.normal();
        outcome(row, i) = (sure ? 1.0 : -2.0) * scores(row, i);
        deviations(row, i) = (sure ? 1.0 : 2.0) + 0.01 * random.uniform();
      }
    }
  }
};

TEST(DeviationSkill, TellsSureScoresFromOthers) {
  const Opposites world;
  const auto skill = deviation_skill(world.scores, world.deviations, world.outcome, 2);
  ASSERT_EQ(skill.groups.size(), 2u);
  EXPECT_EQ(skill.sessions, 30u);
  EXPECT_DOUBLE_EQ(skill.groups[0].rank_ic, 1.0);
  EXPECT_DOUBLE_EQ(skill.groups[1].rank_ic, -1.0);
  EXPECT_DOUBLE_EQ(skill.difference, 2.0);
  EXPECT_NEAR(skill.groups[0].deviation, 1.005, 0.005);
  EXPECT_NEAR(skill.groups[1].deviation, 2.005, 0.005);
  // Four draws of freedom a session, thirty sessions: the mean deviation is known to a tenth.
  EXPECT_NEAR(skill.groups[1].outcome_deviation / skill.groups[0].outcome_deviation, 2.0, 0.4);
}

TEST(DeviationSkill, LeavesOutCellsOfWhichSomethingIsMissing) {
  Opposites world;
  world.deviations(4, 3) = Panel::missing();
  world.outcome(5, 3) = Panel::missing();
  world.scores(6, 3) = Panel::missing();
  const auto skill = deviation_skill(world.scores, world.deviations, world.outcome, 2);
  EXPECT_EQ(skill.sessions, 27u) << "nine names are too few for two groups of five";
}

TEST(DeviationSkill, IsEmptyWhereAllAreEquallySure) {
  Opposites world;
  for (std::size_t row = 0; row < 30; ++row) {
    for (std::size_t i = 0; i < 10; ++i) world.deviations(row, i) = 1.0;
  }
  EXPECT_TRUE(deviation_skill(world.scores, world.deviations, world.outcome, 2).groups.empty());
  EXPECT_TRUE(deviation_skill(world.scores, world.deviations, world.outcome, 3).groups.empty());
  EXPECT_THROW(deviation_skill(world.scores, world.deviations, world.outcome, 1), Error);
  EXPECT_THROW(deviation_skill(world.scores, Panel(3, 10), world.outcome, 2), Error);
}

}  // namespace
}  // namespace orrery::deviation_skill_test
