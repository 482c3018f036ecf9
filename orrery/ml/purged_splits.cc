#include "orrery/ml/purged_splits.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {
namespace {

constexpr double kEmbargoShare = 0.01;
/// More splits than anybody would fit; keeps a wrong number from filling the memory.
constexpr std::size_t kMostSplits = 100000;

void check_numbers(RowRange sample, const PurgedSplitSpec& spec) {
  const bool fits = spec.folds >= 2 && spec.test_folds >= 1 && spec.test_folds < spec.folds &&
                    spec.purge_rows >= 0 && spec.embargo_rows >= 0;
  if (!fits) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("cross-validation needs at least 2 folds, fewer of them tested at a time "
                                 "than there are, and a purge and an embargo of at least 0 rows; found {} "
                                 "folds, {} tested, purge {}, embargo {}",
                                 spec.folds, spec.test_folds, spec.purge_rows, spec.embargo_rows));
  }
  if (sample.size() < static_cast<std::size_t>(spec.folds)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} sessions can't be cut into {} folds", sample.size(), spec.folds));
  }
}

std::vector<RowRange> equal_blocks(RowRange sample, std::size_t count) {
  const std::size_t length = sample.size() / count;
  std::vector<RowRange> blocks;
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t begin = sample.begin + i * length;
    blocks.push_back({begin, i + 1 == count ? sample.end : begin + length});
  }
  return blocks;
}

/// Moves to the next choice of positions below `count`; false after the last one.
bool next_choice(std::vector<std::size_t>& chosen, std::size_t count) {
  for (std::size_t i = chosen.size(); i-- > 0;) {
    if (chosen[i] == count - chosen.size() + i) continue;
    ++chosen[i];
    for (std::size_t j = i + 1; j < chosen.size(); ++j) chosen[j] = chosen[j - 1] + 1;
    return true;
  }
  return false;
}

/// The first row after a block that none of its labels reaches.
std::size_t end_of_labels(RowRange block, const PurgedSplitSpec& spec) {
  if (spec.label_ends.empty()) return block.end + static_cast<std::size_t>(spec.purge_rows);
  const auto first = spec.label_ends.begin() + static_cast<std::ptrdiff_t>(block.begin);
  return *std::max_element(first, first + static_cast<std::ptrdiff_t>(block.size())) + 1;
}

/// What lies outside of the ranges from b - purge to e + purge + embargo.
RowRanges rows_to_learn(RowRange sample, const std::vector<RowRange>& blocks,
                        const std::vector<std::size_t>& test, const PurgedSplitSpec& spec) {
  const auto purge = spec.label_ends.empty() ? static_cast<std::size_t>(spec.purge_rows) : 0;
  const auto embargo = static_cast<std::size_t>(spec.embargo_rows);
  RowRanges train;
  std::size_t begin = sample.begin;
  for (const std::size_t block : test) {
    const std::size_t end = blocks[block].begin > purge ? blocks[block].begin - purge : 0;
    train.append({begin, end});
    begin = std::min(sample.end, end_of_labels(blocks[block], spec) + embargo);
  }
  train.append({begin, sample.end});
  return train;
}

Error nothing_to_learn(const std::vector<std::size_t>& test, const PurgedSplitSpec& spec) {
  std::string tested;
  for (const std::size_t block : test) tested += fmt::format(" {}", block + 1);
  return user_error(ErrorCode::kInvalidArgument,
                    fmt::format("purge ({}) and embargo ({}) leave no session to learn from where folds{} of "
                                "{} are tested",
                                spec.purge_rows, spec.embargo_rows, tested, spec.folds));
}

}  // namespace

PurgedSplits purged_splits(RowRange sample, const PurgedSplitSpec& spec) {
  check_numbers(sample, spec);
  PurgedSplits result;
  result.blocks = equal_blocks(sample, static_cast<std::size_t>(spec.folds));
  std::vector<std::vector<std::size_t>> tested_by(result.blocks.size());
  std::vector<std::size_t> test(static_cast<std::size_t>(spec.test_folds));
  for (std::size_t i = 0; i < test.size(); ++i) test[i] = i;
  do {
    if (result.splits.size() == kMostSplits)
      throw user_error(ErrorCode::kInvalidArgument, fmt::format("{} choose {} makes more than {} splits",
                                                                spec.folds, spec.test_folds, kMostSplits));
    for (const std::size_t block : test) tested_by[block].push_back(result.splits.size());
    result.splits.push_back({rows_to_learn(sample, result.blocks, test, spec), test});
    if (result.splits.back().train.empty()) throw nothing_to_learn(test, spec);
  } while (next_choice(test, result.blocks.size()));
  for (std::size_t path = 0; path < tested_by.front().size(); ++path) {
    std::vector<std::size_t> by_block;
    for (const auto& splits : tested_by) by_block.push_back(splits[path]);
    result.paths.push_back(std::move(by_block));
  }
  return result;
}

int default_embargo(std::size_t sample_rows, int label_span_rows) {
  const double share = std::ceil(kEmbargoShare * static_cast<double>(sample_rows));
  return std::max(label_span_rows, static_cast<int>(share));
}

LearningRows hold_out_last(const RowRanges& rows, double share, int purge_rows) {
  const auto all = rows.rows();
  const auto held = static_cast<std::size_t>(std::lround(share * static_cast<double>(all.size())));
  if (held == 0) return {rows, {}};
  const std::size_t first = held < all.size() ? all[all.size() - held] : rows.begin_row();
  const auto reach = static_cast<std::size_t>(purge_rows);
  const std::size_t limit = first > reach ? first - reach : 0;
  LearningRows result;
  for (const RowRange& range : rows.ranges()) {
    result.train.append({range.begin, std::min(range.end, limit)});
    result.valid.append({std::max(range.begin, first), range.end});
  }
  if (result.train.empty())
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("holding out {} of {} sessions for validation, and {} before them, leaves "
                                 "none to learn from",
                                 held, all.size(), purge_rows));
  return result;
}

}  // namespace orrery
