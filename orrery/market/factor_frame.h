#pragma once

#include <string>
#include <vector>

#include "orrery/market/panel.h"

namespace orrery {

/// Factor values: one panel a factor, all with the same rows and columns. Missing: NaN.
struct FactorFrame {
  std::vector<std::string> names;
  std::vector<FloatPanel> panels;
};

/// A half-open range of session rows.
struct RowRange {
  std::size_t begin = 0;
  std::size_t end = 0;

  std::size_t size() const { return end > begin ? end - begin : 0; }
  bool empty() const { return size() == 0; }
  bool contains(std::size_t row) const { return row >= begin && row < end; }
  bool operator==(const RowRange&) const = default;
};

}  // namespace orrery
