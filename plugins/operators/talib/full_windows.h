#pragma once

#include <cmath>
#include <limits>

#include "orrery/factor/graph_builder.h"

namespace orrery::plugins::operators {

/// TA-Lib's windows have no results until they are full: the result where all rows of the window of `value`
/// are there, else missing.
inline Operand where_full(GraphBuilder& graph, const Operand& value, int window, const Operand& result) {
  const Operand full =
      graph.compare(Comparison::kEqual, graph.rolling_count(value, window), graph.number(window));
  return graph.select(full, result, graph.number(std::numeric_limits<double>::quiet_NaN()));
}

/// `factor` times the standard deviation of a full window, over n.
inline Operand full_deviation(GraphBuilder& graph, const Operand& value, int window, double factor) {
  // Deviations are over n - 1.
  const Operand scale = graph.number(factor * std::sqrt((window - 1.0) / window));
  const Operand deviation = graph.rolling_deviation(value, window);
  return where_full(graph, value, window, graph.arithmetic(Arithmetic::kMultiply, deviation, scale));
}

inline Operand full_mean(GraphBuilder& graph, const Operand& value, int window) {
  return where_full(graph, value, window, graph.rolling_mean(value, window));
}

}  // namespace orrery::plugins::operators
