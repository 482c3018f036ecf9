#pragma once

#include <cstddef>
#include <vector>

#include "orrery/market/factor_frame.h"
#include "orrery/market/row_ranges.h"

namespace orrery {

/// How a sample is cut into blocks that are tested in every combination.
struct PurgedSplitSpec {
  int folds = 6;         ///< blocks; at least 2
  int test_folds = 2;    ///< blocks that each split tests; 1: purged k-fold
  int purge_rows = 0;    ///< the label's span: rows cut out on both sides of every test block
  int embargo_rows = 0;  ///< rows cut out after every test block, on top of the purge
  /// By row the last one that any of its labels is known on (see last_row_of_sessions): instead of
  /// `purge_rows` after a block. Before it nothing is cut: keep_apart does it cell by cell. Empty: all labels
  /// span `purge_rows`.
  std::vector<std::size_t> label_ends = {};
};

/// One combination: blocks to test, and what may be learned from.
struct PurgedSplit {
  RowRanges train;
  std::vector<std::size_t> test;  ///< which blocks, ascending
};

/// Every way to choose the test blocks, and how their predictions make whole paths.
struct PurgedSplits {
  std::vector<RowRange> blocks;
  std::vector<PurgedSplit> splits;  ///< in lexicographic order of their test blocks
  /// By path and block: the split that predicts the block there. Every prediction is in one path alone.
  std::vector<std::vector<std::size_t>> paths;
};

/// Lays combinatorial purged cross-validation over the rows of `sample`: `folds` blocks of equal length, the
/// remainder in the last; every choice of `test_folds` of them is one split, the k-th split that tests a
/// block predicts it in path k.
///
/// The label of row t is known from rows t … t + purge_rows. A row learns nothing about a test block [b, e)
/// when it lies before b - purge_rows (its label ends before b) or at e + purge_rows or later (the last test
/// label has ended), and after that only past the embargo: rows [b - purge, e + purge + embargo) are left
/// out. With `label_ends` they are [b, last label of the block + 1 + embargo). The same splits and paths as
/// skfolio's CombinatorialPurgedCV(n_folds, n_test_folds, purged_size, embargo_size). Errors:
/// kInvalidArgument when the numbers make no split, a block would be empty, or a split keeps no row to learn
/// from. Source: López de Prado (2018), "Advances in financial machine learning", sec. 7.4 and 12.4.
PurgedSplits purged_splits(RowRange sample, const PurgedSplitSpec& spec);

/// Returns the embargo that is used unless told otherwise: the label's span, at least 1 % of the sample,
/// rounded up.
int default_embargo(std::size_t sample_rows, int label_span_rows);

/// Rows to learn from, and rows that decide when to stop. `valid` may be empty.
struct LearningRows {
  RowRanges train;
  RowRanges valid;
};

/// Takes the last `share` (0 to below 1, rounded to rows) of the rows for validation, and drops the rows
/// before it whose label, [t, t + purge_rows], reaches it. Errors: kInvalidArgument when nothing is left to
/// learn from.
LearningRows hold_out_last(const RowRanges& rows, double share, int purge_rows);

}  // namespace orrery
