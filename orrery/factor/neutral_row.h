#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include "orrery/market/panel.h"

namespace orrery {

/// What is taken out of a factor and of a return before they are correlated.
enum class Neutralization {
  kSector,         ///< what the names of a sector have in common
  kSize,           ///< what a straight line on the size explains
  kSectorAndSize,  ///< both, in one regression
};

/// `sector`, `size` or `sector_and_size`.
const char* to_string(Neutralization neutralization);

/// Takes sector and size out of a session's values: the residuals of a regression on a dummy for each sector
/// and, where asked, on the size. Keeps its buffers; one a thread.
class NeutralRows {
 public:
  /// `sectors`: one text an instrument ("": unknown), or none at all. `size`: [session × instrument], may be
  /// empty; NaN where unknown. Keeps a reference to `size`.
  NeutralRows(const std::vector<std::string>& sectors, const Panel& size);

  /// What can be taken out with what is known: sectors when any instrument has one, sizes when there are any.
  std::vector<Neutralization> possible() const;

  /// Replaces the values of session `row` (by instrument) by their residuals. Missing afterwards: values that
  /// were, instruments without the sector or size that it needs, and those that are alone in their sector;
  /// all, when nothing but rounding is left. Look-ahead: none.
  void apply(Neutralization what, std::size_t row, std::span<double> values);

 private:
  void gather(Neutralization what, std::size_t row, std::span<double> values);
  void subtract_group_means(std::vector<double>& values);
  void subtract_size();

  const Panel& size_;
  std::vector<std::size_t> sectors_;
  std::size_t sector_count_ = 0;
  std::vector<std::size_t> names_;  ///< by group
  std::vector<double> first_;
  std::vector<double> sum_;
  std::vector<std::size_t> columns_;  ///< of those that take part
  std::vector<std::size_t> groups_;
  std::vector<double> values_;
  std::vector<double> sizes_;
};

}  // namespace orrery
