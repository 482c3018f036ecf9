#pragma once

#include <cstdint>

#include "orrery/factor/kernels/kernel.h"
#include "orrery/factor/operator_call.h"

namespace orrery::plugins::operators {

// Transcendental functions with the same bits on every machine: nothing but correctly rounded additions,
// multiplications, divisions, square roots and fused steps where written, no library function. Within 5 units
// of the last place of the exact value. NaN where there is no value.

/// Sine and cosine; NaN beyond 2^45, where neighbouring doubles are 0.008 apart.
double sine(double x);
double cosine(double x);
double tangent(double x);
double arc_sine(double x);     ///< of -1 to 1
double arc_cosine(double x);   ///< of -1 to 1
double arc_tangent(double x);  ///< infinity gives half a pi
double hyperbolic_sine(double x);
double hyperbolic_cosine(double x);
double hyperbolic_tangent(double x);

/// A kernel that applies a function to each value; a value that is missing stays missing.
template <double (*Function)(double)>
void map_values(const kernels::KernelCall& call, std::int64_t first_row, int rows) {
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    const double* from = call.input_row<double>(0, row);
    double* to = call.output_row<double>(0, row);
    for (int lane = 0; lane < call.lanes; ++lane) to[lane] = Function(from[lane]);
  }
}

/// Lowers an operator of one value to the function; `kName` is the kernel's.
template <double (*Function)(double), const char* kName>
Operand lower_function(GraphBuilder& graph, const OperatorCall& call) {
  static constexpr kernels::Kernel kKernel = {kName, map_values<Function>};
  return graph.custom(kKernel, call[0], {}, 0);
}

}  // namespace orrery::plugins::operators
