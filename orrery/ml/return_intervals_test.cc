#include "orrery/ml/return_intervals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::return_intervals_test {
namespace {

constexpr std::size_t kInstruments = 60;

/// Outcomes of 0.001 + 0.01 × score, with noise that is the volatility of the instrument times that of the
/// session, which doubles half-way.
struct Market {
  Panel scores, outcome, volatility;

  explicit Market(std::size_t rows, std::uint64_t seed = 3)
      : scores(rows, kInstruments), outcome(rows, kInstruments), volatility(rows, kInstruments) {
    Random random(seed);
    for (std::size_t row = 0; row < rows; ++row) {
      const double session = row < rows / 2 ? 1.0 : 2.0;
      for (std::size_t i = 0; i < kInstruments; ++i) {
        volatility(row, i) = 0.01 + 0.001 * static_cast<double>(i);
        if (random.below(10) == 0) continue;
        scores(row, i) = random.normal();
        if (random.below(20) == 0) continue;
        outcome(row, i) = 0.001 + 0.01 * scores(row, i) + session * volatility(row, i) * random.normal();
      }
    }
  }
};

IntervalSpec quick() {
  IntervalSpec spec;
  spec.window = 60;
  spec.label_span_rows = 2;
  return spec;
}

double covered(const ReturnIntervals& intervals, std::size_t from, std::size_t to) {
  double hits = 0.0, count = 0.0;
  for (const auto& session : intervals.sessions) {
    if (session.row < from || session.row >= to) continue;
    hits += session.covered * static_cast<double>(session.intervals);
    count += static_cast<double>(session.intervals);
  }
  return hits / count;
}

TEST(ReturnIntervals, CoverWhatTheyPromiseAlsoAfterAChange) {
  const Market market(600);
  for (const double coverage : {0.8, 0.9}) {
    IntervalSpec spec = quick();
    spec.coverage = coverage;
    const auto intervals = return_intervals(market.scores, market.outcome, market.volatility, spec);
    // 54 × 250 points, and as many to calibrate on: an error of 0.004 each.
    EXPECT_NEAR(covered(intervals, 50, 300), coverage, 0.012);
    EXPECT_NEAR(covered(intervals, 300, 600), coverage, 0.03);
    EXPECT_NEAR(covered(intervals, 400, 600), coverage, 0.015);
    EXPECT_GT(intervals.sessions.back().mean_width, 1.8 * intervals.sessions[200].mean_width);
  }
}

TEST(ReturnIntervals, EstimateByTheLineOfTheWindow) {
  const Market market(120);
  const IntervalSpec spec = quick();
  const auto intervals = return_intervals(market.scores, market.outcome, market.volatility, spec);
  // On session 100 outcomes are known up to session 98; the window is 60 sessions.
  double n = 0, mean_x = 0, mean_y = 0, xy = 0, xx = 0;
  const auto each = [&](const auto& work) {
    for (std::size_t row = 39; row <= 98; ++row) {
      for (std::size_t i = 0; i < kInstruments; ++i) {
        if (std::isfinite(market.scores(row, i)) && std::isfinite(market.outcome(row, i)))
          work(market.scores(row, i), market.outcome(row, i));
      }
    }
  };
  each([&](double x, double y) { n += 1, mean_x += x, mean_y += y; });
  mean_x /= n, mean_y /= n;
  each([&](double x, double y) { xy += (x - mean_x) * (y - mean_y), xx += (x - mean_x) * (x - mean_x); });
  for (std::size_t i = 0; i < kInstruments; ++i) {
    if (std::isnan(market.scores(100, i))) continue;
    EXPECT_NEAR(intervals.expected(100, i), mean_y + xy / xx * (market.scores(100, i) - mean_x), 1e-14);
  }
  for (const auto& session : intervals.sessions) {
    if (session.row == 100) {
      EXPECT_NEAR(session.slope, xy / xx, 1e-14);
    }
  }
  EXPECT_NEAR(xy / xx, 0.01, 0.005);  // three and a half standard errors
}

TEST(ReturnIntervals, BoundIsTheConformalOneOfTheErrorsMadeThen) {
  const Market market(120);
  IntervalSpec spec = quick();
  spec.rate = 0.0;
  const auto intervals = return_intervals(market.scores, market.outcome, market.volatility, spec);
  std::vector<double> errors;
  for (std::size_t row = 39; row <= 98; ++row) {
    for (std::size_t i = 0; i < kInstruments; ++i) {
      const double error =
          std::fabs(market.outcome(row, i) - intervals.expected(row, i)) / market.volatility(row, i);
      if (std::isfinite(error)) errors.push_back(error);
    }
  }
  std::sort(errors.begin(), errors.end());
  const auto rank = static_cast<std::size_t>(std::ceil(static_cast<double>(errors.size() + 1) * 0.9));
  for (std::size_t i = 0; i < kInstruments; ++i) {
    if (std::isnan(market.scores(100, i))) continue;
    const double half = errors[rank - 1] * market.volatility(100, i);
    EXPECT_EQ(intervals.lower(100, i), intervals.expected(100, i) - half);
    EXPECT_EQ(intervals.upper(100, i), intervals.expected(100, i) + half);
  }
}

TEST(ReturnIntervals, KnowNothingOfWhatComesLater) {
  const Market market(200);
  const auto whole = return_intervals(market.scores, market.outcome, market.volatility, quick());
  Market cut = market;
  for (std::size_t row = 0; row < 200; ++row) {
    for (std::size_t i = 0; i < kInstruments; ++i) {
      if (row > 150) cut.scores(row, i) = cut.volatility(row, i) = Panel::missing();
      if (row + 2 > 150) cut.outcome(row, i) = Panel::missing();  // known after session 150
    }
  }
  const auto known = return_intervals(cut.scores, cut.outcome, cut.volatility, quick());
  const auto same = [](double a, double b) { return a == b || (std::isnan(a) && std::isnan(b)); };
  for (std::size_t row = 0; row <= 150; ++row) {
    for (std::size_t i = 0; i < kInstruments; ++i) {
      EXPECT_TRUE(same(known.expected(row, i), whole.expected(row, i)));
      EXPECT_TRUE(same(known.lower(row, i), whole.lower(row, i))) << row;
      EXPECT_TRUE(same(known.upper(row, i), whole.upper(row, i)));
    }
  }
}

TEST(ReturnIntervals, WaitUntilThereIsEnoughToLearnFrom) {
  const Market market(100);
  const auto intervals = return_intervals(market.scores, market.outcome, market.volatility, quick());
  const auto known = [](const Panel& panel) {
    for (std::size_t row = 0; row < panel.rows(); ++row) {
      for (std::size_t i = 0; i < panel.columns(); ++i) {
        if (!std::isnan(panel(row, i))) return row;
      }
    }
    return panel.rows();
  };
  // 20 sessions and the two until the last one's outcome; then as much again.
  EXPECT_EQ(known(intervals.expected), 21u);
  EXPECT_EQ(known(intervals.lower), 42u);
  EXPECT_EQ(intervals.sessions.front().row, 42u);
  EXPECT_EQ(intervals.sessions.back().row, 99u);
}

TEST(ReturnIntervals, RefuseWhatMakesNoSense) {
  const Market market(10);
  const auto refuses = [&](auto&& change) {
    IntervalSpec spec = quick();
    change(spec);
    EXPECT_THROW(return_intervals(market.scores, market.outcome, market.volatility, spec), Error);
  };
  refuses([](IntervalSpec& spec) { spec.coverage = 1.0; });
  refuses([](IntervalSpec& spec) { spec.window = 5; });
  refuses([](IntervalSpec& spec) { spec.rate = -0.1; });
}

}  // namespace
}  // namespace orrery::return_intervals_test
