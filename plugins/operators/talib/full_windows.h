#pragma once

#include <cmath>

#include "orrery/factor/graph_builder.h"

namespace orrery::plugins::operators {

// TA-Lib's windows have no results until they are full.

/// `factor` times the standard deviation of a full window, over n.
inline Operand full_deviation(GraphBuilder& graph, const Operand& value, int window, double factor) {
  // Deviations are over n - 1.
  const Operand scale = graph.number(factor * std::sqrt((window - 1.0) / window));
  const Operand deviation = graph.where_full(value, window, graph.rolling_deviation(value, window));
  return graph.arithmetic(Arithmetic::kMultiply, deviation, scale);
}

inline Operand full_mean(GraphBuilder& graph, const Operand& value, int window) {
  return graph.where_full(value, window, graph.rolling_mean(value, window));
}

}  // namespace orrery::plugins::operators
