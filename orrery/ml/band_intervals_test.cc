#include "orrery/ml/band_intervals.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::band_intervals_test {
namespace {

constexpr std::size_t kRows = 400;
constexpr std::size_t kNames = 50;
/// Half of the cells to calibrate on, half to judge: 10,000 each.
const BandSpan kHalves{{0, 200}, {200, 400}};

/// Outcomes whose spread grows with a feature, and bands that are wrong by some share of it.
struct Uneven {
  ReturnBands bands{Panel(kRows, kNames), Panel(kRows, kNames), Panel(kRows, kNames), Panel(kRows, kNames)};
  Panel outcome{kRows, kNames};

  /// Bands reach `reach` deviations to either side.
  Uneven(double reach, bool scaled, std::uint64_t seed = 5) {
    Random random(seed);
    for (std::size_t row = 0; row < kRows; ++row) {
      for (std::size_t i = 0; i < kNames; ++i) {
        const double deviation = 0.1 + random.uniform();
        outcome(row, i) = deviation * random.normal();
        bands.expected(row, i) = 0.0;
        bands.lower(row, i) = -reach * deviation;
        bands.upper(row, i) = reach * deviation;
        bands.scale(row, i) = scaled ? deviation : 1.0;
      }
    }
  }
};

ReturnIntervals intervals_of(const Uneven& world, const BandSpan& span, const BandSpec& spec) {
  ReturnIntervals result{Panel(kRows, kNames), Panel(kRows, kNames), Panel(kRows, kNames), {}};
  add_band_intervals(world.bands, world.outcome, span, spec, result);
  return result;
}

double covered_share(const ReturnIntervals& intervals) {
  double covered = 0.0, count = 0.0;
  for (const auto& session : intervals.sessions) {
    covered += session.covered * static_cast<double>(session.intervals);
    count += static_cast<double>(session.intervals);
  }
  EXPECT_EQ(count, 10000.0);
  return covered / count;
}

/// What the paper's authors compute (yromano/cqr, QuantileRegErrFunc): sort, take index ceil((1 - a)(n + 1))
/// - 1.
double reference_move(const Uneven& world, double coverage) {
  std::vector<double> errors;
  for (std::size_t row = 0; row < 200; ++row) {
    for (std::size_t i = 0; i < kNames; ++i) {
      const double y = world.outcome(row, i);
      errors.push_back(std::max(world.bands.lower(row, i) - y, y - world.bands.upper(row, i)) /
                       world.bands.scale(row, i));
    }
  }
  std::sort(errors.begin(), errors.end());
  return errors[static_cast<std::size_t>(std::ceil(coverage * 10001.0)) - 1];
}

TEST(BandIntervals, CoverTenThousandExchangeablePointsWithinBinomialError) {
  // The bound comes from as many points as it is held against: two binomial errors, three deviations.
  for (const double coverage : {0.5, 0.8, 0.9, 0.99}) {
    const double error = 3.0 * std::sqrt(2.0 * coverage * (1.0 - coverage) / 10000.0);
    for (const double reach : {0.0, 0.3, 1.6, 5.0}) {
      for (const bool scaled : {false, true}) {
        const Uneven world(reach, scaled, static_cast<std::uint64_t>(coverage * 100.0));
        const auto intervals = intervals_of(world, kHalves, {coverage, 1});
        EXPECT_NEAR(covered_share(intervals), coverage, error) << reach << ' ' << scaled;
      }
    }
  }
}

TEST(BandIntervals, MoveTheEndsAsThePapersAuthorsDo) {
  for (const double reach : {0.0, 0.5, 3.0}) {
    const Uneven world(reach, true);
    const auto intervals = intervals_of(world, kHalves, {0.9, 1});
    const double moved = reference_move(world, 0.9);
    EXPECT_EQ(moved<0.0, reach> 1.65);
    for (std::size_t i = 0; i < kNames; ++i) {
      EXPECT_DOUBLE_EQ(intervals.lower(300, i),
                       world.bands.lower(300, i) - moved * world.bands.scale(300, i));
      EXPECT_DOUBLE_EQ(intervals.upper(300, i),
                       world.bands.upper(300, i) + moved * world.bands.scale(300, i));
    }
    EXPECT_TRUE(std::isnan(intervals.lower(100, 0))) << "only test rows get intervals";
    EXPECT_EQ(intervals.expected(300, 0), 0.0);
  }
}

TEST(BandIntervals, QuantilesAreNarrowWhereTheOutcomeIs) {
  // Constant bands are as wide everywhere, those of the true quantiles as the spread.
  const Uneven flat(0.0, false), quantiles(1.645, false);
  const auto wide = intervals_of(flat, kHalves, {0.9, 1});
  const auto fitting = intervals_of(quantiles, kHalves, {0.9, 1});
  const auto width = [](const ReturnIntervals& intervals) {
    double sum = 0.0;
    for (const auto& session : intervals.sessions) sum += session.mean_width;
    return sum / static_cast<double>(intervals.sessions.size());
  };
  EXPECT_LT(width(fitting), 0.95 * width(wide));
  EXPECT_DOUBLE_EQ(wide.upper(300, 3) - wide.lower(300, 3), wide.upper(399, 7) - wide.lower(399, 7));
}

TEST(BandIntervals, ThatWouldCrossAreTheirMiddle) {
  Uneven world(5.0, false);
  world.bands.lower(300, 0) = 0.1;
  world.bands.upper(300, 0) = 0.2;
  const auto intervals = intervals_of(world, kHalves, {0.5, 1});
  EXPECT_DOUBLE_EQ(intervals.lower(300, 0), 0.15);
  EXPECT_DOUBLE_EQ(intervals.upper(300, 0), 0.15);
}

TEST(BandIntervals, KnowNothingOfWhatBecomesKnownLater) {
  const Uneven world(1.0, true);
  const auto intervals = intervals_of(world, {{0, 200}, {200, 400}}, {0.9, 3});
  Uneven other = world;
  for (std::size_t row = 198; row < kRows; ++row) {
    for (std::size_t i = 0; i < kNames; ++i) other.outcome(row, i) = 100.0;
  }
  const auto early = intervals_of(other, {{0, 200}, {200, 400}}, {0.9, 3});
  for (std::size_t i = 0; i < kNames; ++i) EXPECT_EQ(early.lower(399, i), intervals.lower(399, i));
  for (std::size_t i = 0; i < kNames; ++i) other.outcome(197, i) = 100.0;
  EXPECT_NE(intervals_of(other, {{0, 200}, {200, 400}}, {0.9, 3}).lower(399, 0), intervals.lower(399, 0));
}

TEST(BandIntervals, LeaveOutWhatIsMissingAndRefuseWhatCannotBe) {
  Uneven world(1.0, true);
  world.bands.lower(300, 0) = Panel::missing();
  world.outcome(300, 1) = Panel::missing();
  const auto intervals = intervals_of(world, kHalves, {0.9, 1});
  EXPECT_TRUE(std::isnan(intervals.upper(300, 0)));
  EXPECT_FALSE(std::isnan(intervals.upper(300, 1)));
  EXPECT_EQ(intervals.sessions[100].row, 300u);
  EXPECT_EQ(intervals.sessions[100].intervals, kNames - 2);
  EXPECT_THROW(intervals_of(world, kHalves, {1.0, 1}), Error);
  EXPECT_THROW(intervals_of(world, {{5, 5}, {200, 400}}, {0.9, 1}), Error);
}

}  // namespace
}  // namespace orrery::band_intervals_test
