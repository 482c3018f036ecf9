#include "orrery/app/baselines.h"

#include <gtest/gtest.h>

#include <cmath>

#include "orrery/app/run_study.h"
#include "orrery/factor/evaluation.h"
#include "testing/small_study.h"

namespace orrery::baselines_test {
namespace {

using testing::study_plugins;

TEST(Baselines, ReversalIsHighForWhatHasFallen) {
  const Panel like(8, 2, 1.0);
  Panel close(8, 2, 100.0);
  close(7, 0) = 80.0;
  close(7, 1) = 125.0;
  const Panel scores = reversal_scores(like, close);
  EXPECT_TRUE(std::isnan(scores(4, 0)));
  EXPECT_EQ(scores(5, 0), 0.0);
  EXPECT_DOUBLE_EQ(scores(7, 0), 0.25);
  EXPECT_DOUBLE_EQ(scores(7, 1), -0.2);
}

TEST(Baselines, MomentumIsTheYearWithoutItsLastMonth) {
  const Panel like(260, 1, 1.0);
  Panel close(260, 1, 100.0);
  close(255 - 252, 0) = 50.0;
  for (std::size_t row = 255 - 20; row < 260; ++row) close(row, 0) = 900.0;
  const Panel scores = momentum_scores(like, close);
  EXPECT_TRUE(std::isnan(scores(251, 0)));
  EXPECT_DOUBLE_EQ(scores(255, 0), 1.0);
  EXPECT_DOUBLE_EQ(scores(256, 0), 8.0);
}

TEST(Baselines, ScoreTheCellsOfTheRunAlone) {
  Panel like(300, 3, 1.0);
  like(280, 1) = Panel::missing();
  const Panel close(300, 3, 100.0);
  for (const Panel& scores :
       {random_scores(like, Random(7)), reversal_scores(like, close), momentum_scores(like, close)}) {
    EXPECT_TRUE(std::isnan(scores(280, 1)));
    EXPECT_FALSE(std::isnan(scores(280, 0)));
  }
}

constexpr const char* kFurther = R"yaml(model:      {name: ridge}
portfolio:  {strategy: topk_dropout, k: 10, drop: 2}
)yaml";

class BaselineStudy : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    const testing::SmallStudy small(kFurther, {60, 0.1});
    study_ = small.read();
    one_ = run_study(study_, study_plugins(), {1});
  }
  static Baselines measure(int threads) {
    return measure_baselines({study_, study_plugins(), one_.prices, one_.walk.scores, one_.forward_return,
                              one_.evaluation.performance, one_.evaluation.benchmark_returns, nullptr,
                              nullptr, threads});
  }
  static inline Study study_;
  static inline StudyRun one_;
};

TEST_F(BaselineStudy, AreTheSameForAnyThreadCount) {
  const Baselines& expected = *one_.evaluation.trust.baselines;
  const Baselines found = measure(3);
  EXPECT_EQ(found.draws, kRandomDraws);
  EXPECT_EQ(found.sharpe.low, expected.sharpe.low);
  EXPECT_EQ(found.sharpe.high, expected.sharpe.high);
  EXPECT_EQ(found.annual_return.middle, expected.annual_return.middle);
  EXPECT_EQ(found.sharpe.share_below_run, expected.sharpe.share_below_run);
  ASSERT_EQ(found.simple.size(), expected.simple.size());
  EXPECT_EQ(found.simple.front().annual_return, expected.simple.front().annual_return);
}

/// A simple score is traded and judged exactly as a run's own would be.
TEST_F(BaselineStudy, AreWhatARunWithTheseScoresWouldBe) {
  const Panel scores = reversal_scores(one_.walk.scores, one_.prices.market.field("close"));
  const auto run = evaluate_scores(study_, study_plugins(), one_.prices, one_.eligible, scores,
                                   one_.forward_return, nullptr, {});
  const BaselineResult& found = one_.evaluation.trust.baselines->simple.front();
  EXPECT_EQ(found.key, "reversal_5");
  EXPECT_EQ(found.annual_return, run.performance.annual_return);
  EXPECT_EQ(found.sharpe, run.performance.sharpe);
  EXPECT_EQ(found.rank_ic_mean, run.signal.rank_ic.mean);
}

TEST_F(BaselineStudy, RandomScoresAreOrderedAndHaveNoIc) {
  const Baselines& baselines = *one_.evaluation.trust.baselines;
  EXPECT_LT(baselines.sharpe.low, baselines.sharpe.middle);
  EXPECT_LT(baselines.sharpe.middle, baselines.sharpe.high);
  const auto signal = evaluate_signal(random_scores(one_.walk.scores, Random(3)), one_.forward_return,
                                      one_.prices.market.dates);
  EXPECT_LT(std::abs(signal.rank_ic.newey_west_t), 3.0);
}

}  // namespace
}  // namespace orrery::baselines_test
