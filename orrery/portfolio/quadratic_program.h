#pragma once

#include <cstddef>
#include <limits>
#include <span>
#include <vector>

#include "orrery/portfolio/risk_model.h"

namespace orrery {

/// low <= coefficients · x <= high; equal limits make an equality, infinite ones leave a side open.
struct LinearRow {
  std::vector<double> coefficients;  ///< one for each variable
  double low = -std::numeric_limits<double>::infinity();
  double high = std::numeric_limits<double>::infinity();
};

/// What the distance of x from `centre` costs, and how far it may go in all:
/// Σ linear_i |x_i − centre_i| + Σ power_i |x_i − centre_i|^(3/2), and Σ |x_i − centre_i| <= limit.
/// Trades from present weights are one such distance, gross exposure (from zero) another.
struct AbsoluteDistance {
  std::vector<double> centre;
  std::vector<double> linear;  ///< empty: free; otherwise >= 0
  std::vector<double> power;   ///< the same
  double limit = std::numeric_limits<double>::infinity();
};

/// minimise  curvature / 2 · x' Σ x + linear · x + the costs of the distances
/// subject to  lower <= x <= upper, the rows, the limits of the distances.
struct QuadraticProgram {
  const RiskModel* risk = nullptr;  ///< Σ, positive semidefinite; must outlive the program
  double curvature = 1.0;           ///< >= 0
  std::vector<double> linear;
  std::vector<double> lower;  ///< may be −∞
  std::vector<double> upper;  ///< may be +∞; equal to `lower`: the variable is fixed
  std::vector<LinearRow> rows;
  std::vector<AbsoluteDistance> distances;
};

struct QuadraticSolution {
  bool solved = false;    ///< false: no point satisfies the constraints, or none is best (unbounded)
  std::vector<double> x;  ///< limits hold to about 1e-10 of the largest of them
  std::vector<double> row_multipliers;  ///< what loosening a row by one would take off the objective
  double objective = 0.0;
  int iterations = 0;
};

/// Solves by a primal-dual interior-point method (Mehrotra's predictor and corrector; Nocedal & Wright,
/// Numerical Optimization, 2nd ed., algorithm 16.4; Wright, Primal-Dual Interior-Point Methods, ch. 11) that
/// knows the shape of portfolio problems: whatever their bounds, distances and costs, an iteration factors
/// one n × n matrix, or with a risk model by k factors one k × k matrix. Deterministic, one thread. Errors:
/// kInvalidArgument for sizes that disagree, a missing value, a lower bound above its upper one.
QuadraticSolution solve_quadratic_program(const QuadraticProgram& program);

/// Returns the objective of `program` at `x`.
double program_objective(const QuadraticProgram& program, std::span<const double> x);

}  // namespace orrery
