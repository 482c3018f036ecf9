#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "orrery/base/session_ranks.h"

namespace orrery {

/// One session's values of all instruments, sorted and scaled once, so that many rows can be correlated with
/// each other cheaply. Vectors by instrument are padded with zeros to a multiple of 16.
struct SessionRow {
  std::size_t instruments = 0;
  std::vector<double> values;        ///< by instrument; NaN: missing
  std::vector<std::uint32_t> order;  ///< instruments with a value, ascending; equal ones by instrument
  std::vector<double> ranks;        ///< by instrument, from 1, equal values share their average; NaN: missing
  std::vector<double> unit_values;  ///< centred and of length 1; 0 where missing, all 0 without spread
  std::vector<double> unit_ranks;   ///< the same of the ranks
  std::vector<std::uint64_t> present;  ///< one bit an instrument
  bool has_spread = false;             ///< at least two different values

  std::size_t count() const { return order.size(); }
  bool has(std::size_t instrument) const {
    return ((present[instrument / 64] >> (instrument % 64)) & 1U) != 0;
  }
};

/// Makes rows and correlates them; keeps its buffers, one a thread.
class SessionRows {
 public:
  /// Fills `row` from values by instrument; infinite values count as missing.
  void fill(std::span<const double> values, SessionRow& row);

  struct Correlation {
    double ic = std::numeric_limits<double>::quiet_NaN();       ///< Pearson
    double rank_ic = std::numeric_limits<double>::quiet_NaN();  ///< Spearman, ties share their average rank
  };
  /// Correlates two rows over the instruments that have both values; ranks are taken among these. NaN with
  /// fewer than `minimum` of them or without spread. The same as scipy's pearsonr and spearmanr.
  Correlation correlate(const SessionRow& x, const SessionRow& y, std::size_t minimum);
  /// The Spearman correlation alone.
  double correlate_ranks(const SessionRow& x, const SessionRow& y, std::size_t minimum);

 private:
  bool keep_common(const SessionRow& x, const SessionRow& y, std::size_t minimum);
  double correlate_common_ranks(const SessionRow& x, const SessionRow& y);

  SessionRanker ranker_;
  std::vector<double> finite_;
  std::vector<std::uint32_t> places_;
  std::vector<std::uint32_t> columns_;
  std::vector<std::uint32_t> common_x_;
  std::vector<std::uint32_t> common_y_;
  std::vector<double> ranks_x_;
  std::vector<double> ranks_y_;
  std::vector<double> first_;
  std::vector<double> second_;
};

/// Returns the group of every value as pandas.qcut makes them, from 0 for the lowest: inner edges are
/// interpolated between neighbours, a value on an edge belongs below it, equal values share a group. Written
/// by instrument of `row`; kNoQuantile where missing.
inline constexpr std::uint8_t kNoQuantile = 255;
void assign_quantiles(const SessionRow& row, int quantiles, std::span<std::uint8_t> groups);

}  // namespace orrery
