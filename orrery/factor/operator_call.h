#pragma once

#include <cstddef>
#include <vector>

#include "orrery/factor/graph_builder.h"

namespace orrery {

/// The arguments of one call of an operator, checked against what the operator declares.
class OperatorCall {
 public:
  explicit OperatorCall(std::vector<Operand> arguments, int output = 0)
      : arguments_(std::move(arguments)), output_(output) {}

  /// The argument at place `i`, from 0.
  const Operand& operator[](std::size_t i) const { return arguments_[i]; }
  /// The whole number at place `i`: a window or a lag.
  int rows(std::size_t i) const { return static_cast<int>(arguments_[i].constant); }
  /// The number at place `i`.
  double number(std::size_t i) const { return arguments_[i].constant; }
  /// How many arguments there are; more than declared where the last one repeats.
  std::size_t size() const { return arguments_.size(); }
  /// Which of the operator's outputs is asked for.
  int output() const { return output_; }

 private:
  std::vector<Operand> arguments_;
  int output_ = 0;
};

}  // namespace orrery
