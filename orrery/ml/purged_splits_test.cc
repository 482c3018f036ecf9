#include "orrery/ml/purged_splits.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <string>

#include "orrery/base/error.h"
#include "orrery/base/random.h"

namespace orrery::purged_splits_test {
namespace {

/// The rows to learn from, the blocks tested, the path of each: as purged_splits_oracle.py prints skfolio's.
std::vector<std::string> describe_splits(const PurgedSplits& splits) {
  std::vector<std::string> lines;
  for (std::size_t s = 0; s < splits.splits.size(); ++s) {
    std::string line;
    for (const auto& range : splits.splits[s].train.ranges())
      line += fmt::format("{}-{} ", range.begin, range.end);
    line += "|";
    for (const auto block : splits.splits[s].test) line += fmt::format(" {}", block);
    line += " |";
    for (const auto block : splits.splits[s].test) {
      for (std::size_t path = 0; path < splits.paths.size(); ++path)
        if (splits.paths[path][block] == s) line += fmt::format(" {}", path);
    }
    lines.push_back(line);
  }
  return lines;
}

struct Golden {
  std::size_t rows;
  PurgedSplitSpec spec;
  std::vector<std::string> splits;
};

/// skfolio 0.10.2, by purged_splits_oracle.py beside this file.
const std::vector<Golden> kGolden = {
    {75,
     {6, 2, 2, 3},
     {
         "29-75 | 0 1 | 0 0",
         "17-22 41-75 | 0 2 | 1 0",
         "17-34 53-75 | 0 3 | 2 0",
         "17-46 65-75 | 0 4 | 3 0",
         "17-58 | 0 5 | 4 0",
         "0-10 41-75 | 1 2 | 1 1",
         "0-10 29-34 53-75 | 1 3 | 2 1",
         "0-10 29-46 65-75 | 1 4 | 3 1",
         "0-10 29-58 | 1 5 | 4 1",
         "0-22 53-75 | 2 3 | 2 2",
         "0-22 41-46 65-75 | 2 4 | 3 2",
         "0-22 41-58 | 2 5 | 4 2",
         "0-34 65-75 | 3 4 | 3 3",
         "0-34 53-58 | 3 5 | 4 3",
         "0-46 | 4 5 | 4 4",
     }},
    {64,
     {5, 3, 3, 4},
     {
         "43-64 | 0 1 2 | 0 0 0",
         "31-33 55-64 | 0 1 3 | 1 1 0",
         "31-45 | 0 1 4 | 2 2 0",
         "19-21 55-64 | 0 2 3 | 3 1 1",
         "19-21 43-45 | 0 2 4 | 4 2 1",
         "19-33 | 0 3 4 | 5 2 2",
         "0-9 55-64 | 1 2 3 | 3 3 3",
         "0-9 43-45 | 1 2 4 | 4 4 3",
         "0-9 31-33 | 1 3 4 | 5 4 4",
         "0-21 | 2 3 4 | 5 5 5",
     }},
    {53,
     {4, 1, 2, 1},
     {
         "16-53 | 0 | 0",
         "0-11 29-53 | 1 | 0",
         "0-24 42-53 | 2 | 0",
         "0-37 | 3 | 0",
     }},
};

TEST(PurgedSplits, AreThoseOfSkfolio) {
  for (const auto& golden : kGolden)
    EXPECT_EQ(describe_splits(purged_splits({0, golden.rows}, golden.spec)), golden.splits) << golden.rows;
}

/// A sample that begins later is the same, moved.
TEST(PurgedSplits, BeginWhereTheSampleDoes) {
  const auto at_zero = purged_splits({0, 75}, {6, 2, 2, 3});
  const auto later = purged_splits({30, 105}, {6, 2, 2, 3});
  ASSERT_EQ(later.splits.size(), at_zero.splits.size());
  EXPECT_EQ(later.blocks.front(), (RowRange{30, 42}));
  for (std::size_t s = 0; s < later.splits.size(); ++s) {
    auto rows = at_zero.splits[s].train.rows();
    for (auto& row : rows) row += 30;
    EXPECT_EQ(later.splits[s].train.rows(), rows);
  }
}

/// The definition, row by row: a row may be learned from when its label ends before every tested block or
/// begins after the block's last label and the embargo.
TEST(PurgedSplits, KeepLabelsApartWhateverTheNumbers) {
  Random random(11);
  for (int round = 0; round < 200; ++round) {
    PurgedSplitSpec spec;
    spec.folds = 2 + static_cast<int>(random.below(6));
    spec.test_folds = 1 + static_cast<int>(random.below(static_cast<std::uint64_t>(spec.folds - 1)));
    spec.purge_rows = static_cast<int>(random.below(4));
    spec.embargo_rows = static_cast<int>(random.below(4));
    const std::size_t rows = 80 + random.below(40);
    const auto splits = purged_splits({0, rows}, spec);
    for (const auto& split : splits.splits) {
      std::vector<std::size_t> expected;
      for (std::size_t row = 0; row < rows; ++row) {
        bool apart = true;
        for (const auto block : split.test) {
          const auto purge = static_cast<std::size_t>(spec.purge_rows);
          const std::size_t free =
              splits.blocks[block].end + purge + static_cast<std::size_t>(spec.embargo_rows);
          apart = apart && (row + purge < splits.blocks[block].begin || row >= free);
        }
        if (apart) expected.push_back(row);
      }
      ASSERT_EQ(split.train.rows(), expected) << spec.folds << " " << spec.test_folds;
    }
    for (const auto& path : splits.paths) {
      ASSERT_EQ(path.size(), splits.blocks.size());
      for (std::size_t block = 0; block < path.size(); ++block) {
        const auto& tested = splits.splits[path[block]].test;
        EXPECT_TRUE(std::find(tested.begin(), tested.end(), block) != tested.end());
      }
    }
  }
}

TEST(PurgedSplits, RefuseWhatMakesNoSplit) {
  for (const PurgedSplitSpec& spec : std::vector<PurgedSplitSpec>{
           {1, 1, 0, 0}, {4, 4, 0, 0}, {4, 0, 0, 0}, {4, 2, -1, 0}, {4, 2, 0, -1}, {200, 2, 0, 0}})
    EXPECT_THROW(purged_splits({0, 100}, spec), Error);
  try {
    purged_splits({0, 100}, {4, 2, 30, 0});
    FAIL() << "a purge longer than a block was taken";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "purge (30) and embargo (0) leave no session to learn from where folds 1 3 of 4 are tested");
  }
}

TEST(DefaultEmbargo, IsTheLabelsSpanOrAHundredth) {
  EXPECT_EQ(default_embargo(1000, 2), 10);
  EXPECT_EQ(default_embargo(1001, 2), 11);
  EXPECT_EQ(default_embargo(1000, 20), 20);
}

TEST(HoldOutLast, TakesTheLastRowsAndPurgesBeforeThem) {
  RowRanges rows(0, 40);
  rows.append({60, 100});
  const auto fifth = hold_out_last(rows, 0.2, 3);
  EXPECT_EQ(fifth.valid, RowRanges(84, 100));
  EXPECT_EQ(fifth.train.ranges(), (std::vector<RowRange>{{0, 40}, {60, 81}}));
  const auto most = hold_out_last(rows, 0.6, 3);
  EXPECT_EQ(most.valid.ranges(), (std::vector<RowRange>{{32, 40}, {60, 100}}));
  EXPECT_EQ(most.train, RowRanges(0, 29));
  EXPECT_EQ(hold_out_last(rows, 0.0, 3).train, rows);
  EXPECT_TRUE(hold_out_last(rows, 0.0, 3).valid.empty());
  EXPECT_THROW(hold_out_last(rows, 1.0, 3), Error);
}

}  // namespace
}  // namespace orrery::purged_splits_test
