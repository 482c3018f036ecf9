#include "orrery/app/score_intervals.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "orrery/app/run_study.h"
#include "testing/small_study.h"

namespace orrery::score_intervals_test {
namespace {

using testing::study_plugins;

TEST(IntervalCoverageSummary, CountsIntervalsNotSessions) {
  ReturnIntervals intervals;
  intervals.expected = Panel(30, 2);
  std::vector<Date> dates;
  for (std::size_t row = 0; row < 30; ++row) {
    dates.push_back(Date{static_cast<int>(100 + row)});
    intervals.expected(row, 0) = 0.01;
    intervals.expected(row, 1) = 0.03;
    // The last ten sessions hold all their ten intervals, the others half of two; one has none with an
    // outcome.
    IntervalSession session{row, 2, 0.5, 0.9, row < 15 ? -1.0 : 1.0, 0.2};
    if (row >= 20) session = {row, 10, 1.0, 0.9, 1.0, 0.4};
    if (row == 29) session.intervals = 0;
    intervals.sessions.push_back(session);
  }
  const auto coverage = interval_coverage(intervals, {}, dates);
  EXPECT_EQ(coverage.dates.size(), 29u);
  EXPECT_EQ(coverage.intervals, 20u * 2u + 9u * 10u);
  EXPECT_DOUBLE_EQ(coverage.covered, (20.0 + 90.0) / 130.0);
  EXPECT_DOUBLE_EQ(coverage.half_width, (20 * 0.1 + 9 * 0.2) / 29.0);
  EXPECT_DOUBLE_EQ(coverage.estimate_spread, 0.02 / std::sqrt(2.0));
  EXPECT_DOUBLE_EQ(coverage.falling, 15.0 / 29.0);
  EXPECT_DOUBLE_EQ(coverage.lowest, 0.5);
  EXPECT_DOUBLE_EQ(coverage.highest, (11 * 0.5 + 9 * 1.0) / 20.0);
}

TEST(ScoreIntervals, HoldWhatTheyPromiseOnASimulatedMarketAndKnowNoLaterPrice) {
  const testing::SmallStudy small(R"yaml(model: {name: ridge}
portfolio: {strategy: topk_dropout, k: 10, drop: 2}
intervals: {coverage: 0.8, window: 60}
baselines: false
)yaml");
  const Study study = small.read();
  const StudyRun run = run_study(study, study_plugins(), {1});
  const auto& coverage = *run.evaluation.trust.intervals;
  EXPECT_EQ(coverage.target, 0.8);
  // Some 120 sessions of 40 names that share a market: the sessions are what counts.
  EXPECT_NEAR(coverage.covered, 0.8, 0.04);
  EXPECT_GT(coverage.dates.size(), 80u);

  MarketData cut = run.prices.market;
  const std::size_t last = cut.lower_row(coverage.dates[40]);
  Panel returns = run.forward_return;
  for (std::size_t row = 0; row < cut.rows(); ++row) {
    for (std::size_t i = 0; i < cut.instruments(); ++i) {
      if (row > last) cut.fields.at("close")(row, i) = 1.0;
      if (row + 2 > last) returns(row, i) = 0.5;  // known after the session, by the default label
    }
  }
  const auto early = score_intervals(study, cut, run.walk.scores, returns, 2);
  std::size_t compared = 0;
  for (std::size_t i = 0; i < cut.instruments(); ++i) {
    // Names that have just been listed have no volatility yet.
    if (std::isnan(run.evaluation.intervals.lower(last, i))) continue;
    ++compared;
    EXPECT_EQ(early.lower(last, i), run.evaluation.intervals.lower(last, i));
    EXPECT_EQ(early.upper(last, i), run.evaluation.intervals.upper(last, i));
    EXPECT_NE(early.upper(last + 3, i), run.evaluation.intervals.upper(last + 3, i));
  }
  EXPECT_GT(compared, 30u);
}

/// A study that weighs names by the intervals of their returns.
constexpr const char* kByWidth = R"yaml(model: {name: ridge}
portfolio: {strategy: top_quantile, quantile: 0.25, invest: 0.9, weights: inverse_width}
baselines: false
)yaml";

TEST(ScoreIntervals, ReachTheStrategyThatWeighsByThem) {
  const testing::SmallStudy small(kByWidth);
  const StudyRun run = run_study(small.read(), study_plugins(), {1});
  const auto& intervals = run.evaluation.intervals;
  const auto& market = run.prices.market;
  std::map<Date, double> products;  // of weight and width: one and the same for all names of a session
  std::map<Date, double> first;
  std::size_t unequal = 0;
  for (const auto& row : run.evaluation.backtest.weights) {
    const std::size_t session = market.lower_row(row.date);
    const double width = intervals.upper(session, row.instrument) - intervals.lower(session, row.instrument);
    if (row.rank == 0 || row.reason != "top quantile" || !std::isfinite(width)) continue;
    const auto known = products.emplace(row.date, row.weight * width);
    EXPECT_NEAR(known.first->second, row.weight * width, 1e-12);
    if (row.weight != first.emplace(row.date, row.weight).first->second) ++unequal;
  }
  EXPECT_GT(products.size(), 60u);
  EXPECT_GT(unequal, 300u);
}

TEST(ScoreIntervals, OfScoresWithoutAModelReachTheStrategyToo) {
  const testing::SmallStudy small(kByWidth);
  const Study study = small.read();
  const StudyRun run = run_study(study, study_plugins(), {1});
  const auto traded = trade_study_scores(study, study_plugins(), {run.prices.market, nullptr},
                                         run.walk.scores, run.forward_return, 0.0);
  ASSERT_EQ(traded.weights.size(), run.evaluation.backtest.weights.size());
  for (std::size_t i = 0; i < traded.weights.size(); ++i)
    EXPECT_EQ(traded.weights[i].weight, run.evaluation.backtest.weights[i].weight);
}

}  // namespace
}  // namespace orrery::score_intervals_test
