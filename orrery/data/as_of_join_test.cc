#include "orrery/data/as_of_join.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::as_of_join_test {
namespace {

using Times = std::vector<std::int64_t>;
using Codes = std::vector<std::int32_t>;
using Rows = std::vector<std::int64_t>;  ///< -1: none

constexpr std::int64_t kMissing = std::numeric_limits<std::int64_t>::min();
constexpr std::int64_t kLargest = std::numeric_limits<std::int64_t>::max();

struct Side {
  Times times;
  Codes instruments;

  AsOfSide view() const { return {times, instruments}; }
};

Rows join(const Side& left, const Side& right, const AsOfJoinOptions& options = {}) {
  Rows rows;
  for (const auto match : as_of_join(left.view(), right.view(), options)) {
    rows.push_back(match == kNoMatch ? -1 : static_cast<std::int64_t>(match));
  }
  return rows;
}

TEST(AsOfJoin, FindsTheQuoteThatATradeSaw) {
  const Side trades{{10, 11, 12, 13}, {0, 1, 0, 1}};
  const Side quotes{{9, 10, 11, 12}, {0, 1, 1, 0}};
  EXPECT_EQ(join(trades, quotes), (Rows{0, 2, 3, 2}));
  EXPECT_EQ(join(trades, quotes, {.allow_exact = false}), (Rows{0, 1, 0, 2}));
  EXPECT_EQ(join(trades, quotes, {.tolerance = 1}), (Rows{0, 2, 3, -1}));
  EXPECT_EQ(join(trades, quotes, {.direction = AsOfDirection::kForward}), (Rows{3, 2, 3, -1}));
  EXPECT_EQ(join({{10, 20}, {}}, {{5, 15}, {}}), (Rows{0, 1}));
  EXPECT_EQ(join({{}, {}}, quotes), Rows{});
  EXPECT_EQ(join(trades, {{}, {}}), (Rows{-1, -1, -1, -1}));
}

/// Made by pandas 2.2.3, and the same by Polars 2.1.0 (join_asof) but for kNearest, where Polars takes the
/// later of two rows that are equally near:
///   rng = numpy.random.default_rng(5)
///   times = numpy.sort(rng.integers(0, 40, 24)); ids = rng.integers(0, 4, 24)     # left; then 20, 3 for
///   right pandas.merge_asof(left, right, on="t", by="i", direction=…, allow_exact_matches=…, tolerance=…)
TEST(AsOfJoin, IsPandasMergeAsOf) {
  const Side left{{0, 0, 1, 1, 2, 5, 5, 7, 9, 11, 11, 15, 16, 18, 20, 22, 25, 26, 26, 30, 32, 32, 39, 39},
                  {1, 1, 1, 3, 0, 3, 3, 3, 0, 1, 2, 1, 2, 2, 2, 0, 3, 2, 3, 1, 1, 3, 0, 0}};
  const Side right{{0, 0, 1, 4, 9, 12, 13, 13, 14, 17, 20, 21, 27, 28, 30, 31, 34, 34, 35, 35},
                   {2, 0, 1, 0, 0, 2, 0, 0, 0, 0, 0, 2, 1, 1, 0, 2, 2, 0, 0, 0}};
  const std::vector<std::pair<AsOfJoinOptions, Rows>> expected = {
      {{AsOfDirection::kBackward, true, std::nullopt},
       {-1, -1, 2, -1, 1, -1, -1, -1, 4, 2, 0, 2, 5, 5, 5, 10, -1, 11, -1, 13, 13, -1, 19, 19}},
      {{AsOfDirection::kBackward, true, 3},
       {-1, -1, 2, -1, 1, -1, -1, -1, 4, -1, -1, -1, -1, -1, -1, 10, -1, -1, -1, 13, -1, -1, -1, -1}},
      {{AsOfDirection::kBackward, false, std::nullopt},
       {-1, -1, -1, -1, 1, -1, -1, -1, 3, 2, 0, 2, 5, 5, 5, 10, -1, 11, -1, 13, 13, -1, 19, 19}},
      {{AsOfDirection::kBackward, false, 3},
       {-1, -1, -1, -1, 1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, 10, -1, -1, -1, 13, -1, -1, -1, -1}},
      {{AsOfDirection::kForward, true, std::nullopt},
       {2, 2, 2, -1, 3, -1, -1, -1, 4, 12, 5, 12, 11, 11, 11, 14, -1, 15, -1, -1, -1, -1, -1, -1}},
      {{AsOfDirection::kForward, true, 3},
       {2, 2, 2, -1, 3, -1, -1, -1, 4, -1, 5, -1, -1, 11, 11, -1, -1, -1, -1, -1, -1, -1, -1, -1}},
      {{AsOfDirection::kForward, false, std::nullopt},
       {2, 2, 12, -1, 3, -1, -1, -1, 6, 12, 5, 12, 11, 11, 11, 14, -1, 15, -1, -1, -1, -1, -1, -1}},
      {{AsOfDirection::kForward, false, 3},
       {2, 2, -1, -1, 3, -1, -1, -1, -1, -1, 5, -1, -1, 11, 11, -1, -1, -1, -1, -1, -1, -1, -1, -1}},
      {{AsOfDirection::kNearest, true, std::nullopt},
       {2, 2, 2, -1, 1, -1, -1, -1, 4, 2, 5, 12, 5, 11, 11, 10, -1, 11, -1, 13, 13, -1, 19, 19}},
      {{AsOfDirection::kNearest, true, 3},
       {2, 2, 2, -1, 1, -1, -1, -1, 4, -1, 5, -1, -1, 11, 11, 10, -1, -1, -1, 13, -1, -1, -1, -1}},
      {{AsOfDirection::kNearest, false, std::nullopt},
       {2, 2, 12, -1, 1, -1, -1, -1, 6, 2, 5, 12, 5, 11, 11, 10, -1, 11, -1, 13, 13, -1, 19, 19}},
      {{AsOfDirection::kNearest, false, 3},
       {2, 2, -1, -1, 1, -1, -1, -1, -1, -1, 5, -1, -1, 11, 11, 10, -1, -1, -1, 13, -1, -1, -1, -1}},
  };
  for (const auto& [options, rows] : expected) {
    EXPECT_EQ(join(left, right, options), rows)
        << static_cast<int>(options.direction) << options.allow_exact << options.tolerance.has_value();
  }
}

/// Whether a right row may belong to a left one, by the words of the header.
bool counts(const Side& left, std::size_t i, const Side& right, std::size_t j, const AsOfJoinOptions& options,
            bool is_after) {
  const auto mine = left.times[i], theirs = right.times[j];
  if (mine == kMissing || theirs == kMissing) return false;
  if (left.instruments[i] < 0 || left.instruments[i] != right.instruments[j]) return false;
  if (mine == theirs ? !options.allow_exact : (theirs > mine) != is_after) return false;
  return !options.tolerance || std::abs(mine - theirs) <= *options.tolerance;
}

/// Looks at every pair of rows.
Rows slow_join(const Side& left, const Side& right, const AsOfJoinOptions& options) {
  Rows rows;
  for (std::size_t i = 0; i < left.times.size(); ++i) {
    std::int64_t before = -1, after = -1;
    for (std::size_t j = 0; j < right.times.size(); ++j) {
      const auto row = static_cast<std::int64_t>(j);
      const auto time_of = [&](std::int64_t at) { return right.times[static_cast<std::size_t>(at)]; };
      if (counts(left, i, right, j, options, false) && (before < 0 || right.times[j] >= time_of(before)))
        before = row;
      if (counts(left, i, right, j, options, true) && (after < 0 || right.times[j] < time_of(after)))
        after = row;
    }
    if (options.direction == AsOfDirection::kBackward) after = -1;
    if (options.direction == AsOfDirection::kForward) before = -1;
    if (before >= 0 && after >= 0) {
      const auto back = left.times[i] - right.times[static_cast<std::size_t>(before)];
      const auto ahead = right.times[static_cast<std::size_t>(after)] - left.times[i];
      (back <= ahead ? after : before) = -1;
    }
    rows.push_back(before >= 0 ? before : after);
  }
  return rows;
}

/// Sorts by time, or by instrument and then time.
Side random_side(Random& random, std::size_t rows, std::uint64_t span, bool by_instrument) {
  std::vector<std::pair<std::int64_t, std::int32_t>> all;
  for (std::size_t i = 0; i < rows; ++i) {
    const auto time = random.below(20) == 0 ? kMissing : static_cast<std::int64_t>(random.below(span));
    all.emplace_back(time, static_cast<std::int32_t>(random.below(6)) - 1);
  }
  std::sort(all.begin(), all.end(), [by_instrument](const auto& a, const auto& b) {
    return by_instrument ? std::pair(a.second, a.first) < std::pair(b.second, b.first) : a.first < b.first;
  });
  Side side;
  for (const auto& [time, code] : all) {
    side.times.push_back(time);
    side.instruments.push_back(code);
  }
  return side;
}

/// Oracle: every pair of rows; many equal times, missing times and codes, both orders.
TEST(AsOfJoin, IsWhatLookingAtEveryPairFinds) {
  Random random(8);
  for (int round = 0; round < 300; ++round) {
    const bool by_instrument = round % 2 == 1;
    const auto span = 1 + random.below(60);
    const auto left = random_side(random, random.below(60), span, by_instrument);
    const auto right = random_side(random, random.below(60), span, by_instrument);
    for (const auto direction :
         {AsOfDirection::kBackward, AsOfDirection::kForward, AsOfDirection::kNearest}) {
      for (const bool exact : {true, false}) {
        for (const std::optional<std::int64_t> tolerance :
             {std::optional<std::int64_t>(), std::optional<std::int64_t>(0),
              std::optional<std::int64_t>(4)}) {
          const AsOfJoinOptions options{direction, exact, tolerance};
          ASSERT_EQ(join(left, right, options), slow_join(left, right, options)) << round;
        }
      }
    }
  }
}

/// Property: rows of the right side after a moment change no match before it.
TEST(AsOfJoin, BackwardDoesNotLookAhead) {
  Random random(9);
  const auto left = random_side(random, 200, 100, false);
  const auto right = random_side(random, 200, 100, false);
  const auto whole = join(left, right);
  const auto cut = static_cast<std::size_t>(std::upper_bound(right.times.begin(), right.times.end(), 50) -
                                            right.times.begin());
  const Side past{{right.times.begin(), right.times.begin() + static_cast<std::ptrdiff_t>(cut)},
                  {right.instruments.begin(), right.instruments.begin() + static_cast<std::ptrdiff_t>(cut)}};
  const auto known = join(left, past);
  for (std::size_t i = 0; i < left.times.size() && left.times[i] <= 50; ++i) EXPECT_EQ(known[i], whole[i]);
}

TEST(AsOfJoin, TimesMayLieAsFarApartAsTheyCan) {
  const Side left{{kMissing + 1, kLargest}, {}};
  const Side right{{kMissing + 1}, {}};
  EXPECT_EQ(join(left, right), (Rows{0, 0}));
  EXPECT_EQ(join(left, right, {.tolerance = kLargest}), (Rows{0, -1}));
  EXPECT_EQ(join(left, right, {.direction = AsOfDirection::kNearest}), (Rows{0, 0}));
}

std::string refusal(const Side& left, const Side& right, const AsOfJoinOptions& options = {}) {
  try {
    join(left, right, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(AsOfJoin, SaysWhatStandsInNoOrder) {
  const Side sorted{{1, 2, 3}, {0, 1, 0}};
  EXPECT_NE(
      refusal(sorted, {{3, 1, 2}, {0, 0, 0}}).find("the right side begins an instrument again at row 1"),
      std::string::npos);
  EXPECT_NE(refusal({{2, 1, 3}, {0, 1, 0}}, sorted).find("right side"), std::string::npos);
  EXPECT_NE(refusal({{1, 2}, {0}}, sorted).find("2 times and 1 instruments"), std::string::npos);
  EXPECT_NE(refusal(sorted, sorted, {.tolerance = -1}).find("-1"), std::string::npos);
}

TEST(AsOfJoin, TextsOfBothSidesGetCommonCodes) {
  const DictionaryStrings left{{0, 1, 2, -1, 0}, {"B", "C", "A"}};
  const DictionaryStrings right{{0, 1}, {"A", "B"}};
  EXPECT_EQ(codes_in(left, right), (Codes{1, -1, 0, -1, 1}));
}

}  // namespace
}  // namespace orrery::as_of_join_test
