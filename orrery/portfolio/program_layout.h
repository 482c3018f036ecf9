#pragma once

#include <Eigen/Dense>
#include <vector>

#include "orrery/portfolio/quadratic_program.h"

namespace orrery {

inline constexpr double kRowRegularization = 1e-14;

/// A quadratic program as the interior-point method walks over it: scaled, every inequality a bound of one
/// variable. Variables: x (one for each name), r (the value of each row with two different limits), and for
/// each distance p, q >= 0 with x − centre = p − q, and t >= 0, what is left of its limit.
struct ProgramLayout {
  explicit ProgramLayout(const QuadraticProgram& program);

  /// An AbsoluteDistance: where its variables lie, and its costs times objective_scale.
  struct Distance {
    Eigen::Index up = 0, down = 0;
    Eigen::Index rest = -1;  ///< −1: no limit
    Eigen::VectorXd centre;
    double limit = 0.0;
    Eigen::ArrayXd linear, power;

    /// Returns the derivative of the cost of going `far` (>= 0).
    Eigen::ArrayXd slope(const Eigen::ArrayXd& far) const { return linear + 1.5 * power * far.sqrt(); }
    /// Returns its second derivative.
    Eigen::ArrayXd curvature(const Eigen::ArrayXd& far) const { return 0.75 * power / far.sqrt(); }
  };

  Eigen::Index names = 0;
  double objective_scale = 1.0;
  Eigen::VectorXd linear;       ///< times objective_scale
  Eigen::ArrayXd lower, upper;  ///< of all variables; 0 where there is none
  Eigen::Array<bool, Eigen::Dynamic, 1> has_lower, has_upper;
  Eigen::Array<bool, Eigen::Dynamic, 1> fixed;  ///< of x: a variable that can't move
  Eigen::VectorXd start;                        ///< of x: the values of the fixed ones, otherwise 0
  Eigen::Index bounds = 0;                      ///< how many there are
  std::vector<std::size_t> rows;                ///< of the program: those that limit anything
  std::vector<double> row_scales;               ///< what each of them was multiplied by
  Eigen::MatrixXd row_matrix;
  Eigen::VectorXd row_targets;       ///< of equalities; 0 for ranges
  std::vector<Eigen::Index> ranges;  ///< rows with a variable r of their own
  std::vector<Distance> distances;

 private:
  void place_rows(const QuadraticProgram& program, std::vector<std::pair<double, double>>& range_limits);
  void place_distances(const QuadraticProgram& program);
};

/// Errors: kInvalidArgument, see solve_quadratic_program().
void check_program(const QuadraticProgram& program);

}  // namespace orrery
