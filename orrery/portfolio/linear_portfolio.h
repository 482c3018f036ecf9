#pragma once

#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "orrery/portfolio/linear_program.h"
#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// A linear program whose first columns are the weights of a portfolio.
class LinearPortfolio {
 public:
  /// Starts without any constraint.
  explicit LinearPortfolio(std::size_t names);

  /// Adds a column and returns its place.
  std::size_t add_column(double cost, double lower, double upper);
  /// Adds low <= Σ coefficient · column <= high.
  void add_row(const std::vector<std::pair<std::size_t, double>>& entries, double low, double high);
  /// Adds low <= loadings · weights + Σ coefficient · column <= high.
  void add_row(std::span<const double> loadings, const std::vector<std::pair<std::size_t, double>>& entries,
               double low, double high);
  /// Adds Σ cost_i |w_i − centre_i| to what is minimised, and its limit Σ |w_i − centre_i| <= limit.
  void add_distance(const std::vector<double>& centre, const std::vector<double>& cost, double limit);
  /// Adds to what is minimised the mean of the worst (1 − confidence) of so many quantities, by their
  /// quantile q and what each has beyond it (Rockafellar & Uryasev 2000). Returns the column of q; row i
  /// still has to say that beyond[i] >= quantity i − q.
  std::size_t add_tail_mean(double confidence, std::size_t quantities, std::vector<std::size_t>& beyond);
  /// Adds the constraints of a problem but those that are not convex, and its linear costs.
  /// Errors: kInvalidArgument for impact costs, which are no part of a linear program.
  void add_constraints(const PortfolioProblem& problem);

  std::size_t names() const { return names_; }
  LinearProgram& program() { return program_; }

 private:
  std::size_t names_;
  LinearProgram program_;
};

/// Returns the weights that minimise what `portfolio` asks for. Errors: kInvalidArgument with the constraints
/// of `problem` that conflict.
std::vector<double> solve_linear_portfolio(LinearPortfolio& portfolio, const PortfolioProblem& problem);

}  // namespace orrery
