#pragma once

#include <functional>
#include <string>
#include <vector>

#include "orrery/portfolio/portfolio_problem.h"
#include "orrery/portfolio/quadratic_program.h"

namespace orrery {

/// What is minimised: curvature / 2 · w' Σ w + linear · w, and the problem's trading costs beside.
struct QuadraticObjective {
  double curvature = 1.0;
  std::vector<double> linear;  ///< empty: zeros
};

/// Returns the weights that minimise `objective` over the constraints of `problem`, in rounds.
/// Errors: kInvalidArgument when no weights satisfy the constraints, naming the smallest set that conflicts.
std::vector<double> minimise_objective(const PortfolioProblem& problem, const QuadraticObjective& objective);

/// The same without the constraints that are not convex (max_names, minimum_trade): for objectives that solve
/// many such programs and take care of those themselves.
std::vector<double> minimise_convex(const PortfolioProblem& problem, const QuadraticObjective& objective);

/// Returns the allowed weights nearest to `wanted` (least squares). Errors: as above.
std::vector<double> nearest_allowed(const PortfolioProblem& problem, const std::vector<double>& wanted);

/// Calls `solve` with `problem` until the two constraints that are not convex hold as well: with `max_names`,
/// the largest weights of the first answer stay and the others become 0; with `minimum_trade`, names whose
/// change is smaller keep their weight. Both are heuristics, after each of which the rest is solved anew.
std::vector<double> solve_in_rounds(const PortfolioProblem& problem,
                                    const std::function<std::vector<double>(const PortfolioProblem&)>& solve);

/// Returns the constraints, in words, of which some have to go for any weights to be allowed: all of them
/// together contradict, without any one of them they don't. Empty when the constraints can be satisfied.
std::vector<std::string> find_conflict(const PortfolioProblem& problem);

/// Throws kInvalidArgument with find_conflict()'s answer.
[[noreturn]] void throw_infeasible(const PortfolioProblem& problem);

}  // namespace orrery
