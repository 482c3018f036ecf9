#include "orrery/app/fold_intervals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "orrery/app/study_label.h"
#include "orrery/base/error.h"
#include "testing/small_study.h"

namespace orrery::fold_intervals_test {
namespace {

using testing::study_plugins;

std::string study_text(const std::string& intervals) {
  return "model: {name: ridge}\nportfolio: {strategy: top_quantile, weights: inverse_width}\nbaselines: "
         "false\n"
         "intervals: " +
         intervals + "\n";
}

/// What fold_intervals is asked about: a run's models, on returns that may be told otherwise.
struct Told {
  testing::SmallStudy small;
  Study study;
  StudyRun run;
  FactorFrame factors;
  StudyLabel label;

  explicit Told(const std::string& intervals)
      : small(study_text(intervals)),
        study(small.read()),
        run(run_study(study, study_plugins(), {1})),
        factors(study_factors(study, run.prices.market, {1})),
        label(study_label(study, run.prices.market, 1)) {}

  ReturnIntervals from(const Panel& returns) const {
    const StudyInputs inputs{factors, label.values, run.eligible,
                             study_folds(study, run.prices.market.dates)};
    return *fold_intervals(study, study_plugins(), inputs, run.walk, run.prices.market, returns, {1});
  }
};

class FoldIntervals : public ::testing::TestWithParam<const char*> {};

TEST_P(FoldIntervals, HoldWhatTheyPromiseOnASimulatedMarketFromTheFirstTestedSessionOn) {
  const Told told(GetParam());
  const auto& coverage = *told.run.evaluation.trust.intervals;
  EXPECT_EQ(coverage.target, 0.8);
  // 40 names that share a market, calibrated on some thirty sessions of it: the sessions are what counts.
  EXPECT_NEAR(coverage.covered, 0.8, 0.08);
  const auto& fold = told.run.walk.folds.front().used;
  EXPECT_EQ(told.run.evaluation.intervals.sessions.front().row, fold.test.begin);
  EXPECT_TRUE(std::isnan(coverage.falling));
  for (const auto& session : told.run.evaluation.intervals.sessions) EXPECT_GT(session.mean_width, 0.0);
}

TEST_P(FoldIntervals, KnowNothingOfTheSessionsThatTheyAreGivenOn) {
  const Told told(GetParam());
  const std::size_t begin = told.run.walk.folds.front().used.test.begin;
  const std::size_t end = told.run.walk.folds.front().used.test.end;
  Panel returns = told.run.forward_return;
  // The return of row t is known from t + 2 on.
  for (std::size_t row = begin - 1; row < returns.rows(); ++row) {
    for (std::size_t i = 0; i < returns.columns(); ++i) returns(row, i) = 0.5;
  }
  const auto early = told.from(returns);
  const auto& given = told.run.evaluation.intervals;
  std::size_t compared = 0;
  for (std::size_t row = begin; row < end; ++row) {
    for (std::size_t i = 0; i < returns.columns(); ++i) {
      if (std::isnan(given.lower(row, i))) continue;
      ++compared;
      ASSERT_EQ(early.lower(row, i), given.lower(row, i));
      ASSERT_EQ(early.upper(row, i), given.upper(row, i));
      ASSERT_EQ(early.expected(row, i), given.expected(row, i));
    }
  }
  EXPECT_GT(compared, 1000u);
  // And something of those before.
  for (std::size_t i = 0; i < returns.columns(); ++i) {
    for (std::size_t row = begin - 30; row < begin - 1; ++row) returns(row, i) = 0.5;
  }
  EXPECT_NE(told.from(returns).upper(begin, 0), given.upper(begin, 0));
}

std::string name_of(const ::testing::TestParamInfo<const char*>& info) {
  return info.index == 0 ? "Split" : info.index == 1 ? "LightGbm" : "Xgboost";
}

INSTANTIATE_TEST_SUITE_P(
    Methods, FoldIntervals,
    ::testing::Values(
        "{method: split, coverage: 0.8}",
        "{method: cqr, coverage: 0.8, model: {params: {num_iterations: 20, num_leaves: 4}}}",
        "{method: cqr, coverage: 0.8, model: {name: xgboost, params: {num_boost_round: 20, max_depth: 2}}}"),
    name_of);

/// Keeps the stages that were begun.
class Stages final : public Progress {
 public:
  void begin(std::string_view stage, std::size_t /*total*/) override { begun.emplace_back(stage); }
  std::vector<std::string> begun;
};

TEST(FoldIntervalsOfAFold, NeedValidationSessionsBeforeAnythingIsComputed) {
  const testing::SmallStudy small(study_text("{method: split}"));
  Stages stages;
  run_study(small.read(), study_plugins(), {1}, stages);
  const auto computes = [&] {
    return std::find(stages.begun.begin(), stages.begun.end(), "factors") != stages.begun.end();
  };
  EXPECT_TRUE(computes());
  stages.begun.clear();
  try {
    run_study(small.read({{"validation", "{train: 1y, valid: 5d, test: 6m}"}}), study_plugins(), {1}, stages);
    ADD_FAILURE() << "calibrated on nothing";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("too few to calibrate on"), std::string::npos) << error.what();
  }
  EXPECT_FALSE(computes());
}

}  // namespace
}  // namespace orrery::fold_intervals_test
