#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace orrery {

/// minimise  cost · x  subject to  row_low <= A x <= row_high,  lower <= x <= upper. Infinities leave a side
/// open. A is stored by rows: the entries of row i stand at [starts[i], starts[i + 1]).
struct LinearProgram {
  std::vector<double> cost, lower, upper;
  std::vector<double> row_low, row_high;
  std::vector<std::int32_t> starts{0};  ///< one more than rows
  std::vector<std::int32_t> columns;
  std::vector<double> entries;

  /// Begins a row, to which add_entry() then adds.
  void begin_row(double low, double high);
  /// Adds an entry to the last row; zeros are left out.
  void add_entry(std::size_t column, double value);
};

enum class LinearStatus : std::uint8_t { kOptimal, kInfeasible, kUnbounded };

struct LinearSolution {
  LinearStatus status = LinearStatus::kInfeasible;
  std::vector<double> x;
  double objective = 0.0;
};

/// Solves with HiGHS (its library is loaded by the first program). One thread, deterministic.
/// Errors: kUnavailable when the library is not there; kInternal when it gives no answer.
LinearSolution solve_linear_program(const LinearProgram& program);

}  // namespace orrery
