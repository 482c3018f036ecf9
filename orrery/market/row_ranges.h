#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "orrery/market/factor_frame.h"

namespace orrery {

/// Session rows in one piece or several: disjoint ranges, ascending, none of them empty. A single range is
/// one as it stands.
class RowRanges {
 public:
  RowRanges() = default;
  RowRanges(RowRange range) { append(range); }  // NOLINT(google-explicit-constructor)
  RowRanges(std::size_t begin, std::size_t end) { append({begin, end}); }

  /// Adds rows after the last one; a range that touches the last one continues it, an empty one is left out.
  void append(RowRange range) {
    if (range.empty()) return;
    if (!ranges_.empty() && ranges_.back().end == range.begin) {
      ranges_.back().end = range.end;
    } else {
      ranges_.push_back(range);
    }
  }

  const std::vector<RowRange>& ranges() const { return ranges_; }
  bool empty() const { return ranges_.empty(); }
  /// How many rows there are.
  std::size_t size() const {
    std::size_t rows = 0;
    for (const RowRange& range : ranges_) rows += range.size();
    return rows;
  }
  /// The first row, and one after the last; 0 when empty.
  std::size_t begin_row() const { return empty() ? 0 : ranges_.front().begin; }
  std::size_t end_row() const { return empty() ? 0 : ranges_.back().end; }

  /// Every row, ascending.
  std::vector<std::size_t> rows() const {
    std::vector<std::size_t> all;
    all.reserve(size());
    for (const RowRange& range : ranges_) {
      for (std::size_t row = range.begin; row < range.end; ++row) all.push_back(row);
    }
    return all;
  }

  bool operator==(const RowRanges&) const = default;

 private:
  std::vector<RowRange> ranges_;
};

}  // namespace orrery
