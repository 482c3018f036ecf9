#pragma once

#include <cstddef>
#include <vector>

namespace orrery {

/// A dense n × n matrix, row after row.
struct SquareMatrix {
  SquareMatrix() = default;
  explicit SquareMatrix(std::size_t order) : size(order), values(order * order, 0.0) {}

  double& operator()(std::size_t row, std::size_t column) { return values[row * size + column]; }
  double operator()(std::size_t row, std::size_t column) const { return values[row * size + column]; }

  std::size_t size = 0;
  std::vector<double> values;
};

}  // namespace orrery
