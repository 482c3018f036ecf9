#include "orrery/portfolio/quadratic_program.h"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/portfolio/newton_matrix.h"
#include "orrery/portfolio/program_layout.h"

namespace orrery {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::MatrixXd;
using Eigen::VectorXd;

constexpr int kMaxIterations = 150;
constexpr double kTolerance =
    1e-11;  ///< aimed at: residuals and mean complementarity, all of scaled quantities
constexpr double kGoodEnough = 1e-8;  ///< accepted where rounding allows no more
constexpr double kStepToBoundary = 0.995;
constexpr double kNearBound = 1e-6;
constexpr double kImmovable = 1e20;  ///< second derivative of a fixed name

/// A point of the method: variables, multipliers of equalities, multipliers of bounds.
struct Iterate {
  ArrayXd v, zl, zu;  ///< by layout: x, r, then p, q, t of every distance
  VectorXd y;         ///< of the rows
  std::vector<VectorXd> nu;
  VectorXd tau;  ///< of the distances' limits; 0 where there is none
};

struct Residuals {
  ArrayXd dual;
  VectorXd rows;
  std::vector<VectorXd> links;
  VectorXd limits;

  double largest_primal() const {
    double largest = std::max(rows.size() ? rows.cwiseAbs().maxCoeff() : 0.0,
                              limits.size() ? limits.cwiseAbs().maxCoeff() : 0.0);
    for (const auto& link : links) largest = std::max(largest, link.cwiseAbs().maxCoeff());
    return largest;
  }
  double largest_dual() const { return dual.abs().maxCoeff(); }
};

class InteriorPoint {
 public:
  explicit InteriorPoint(const QuadraticProgram& program)
      : layout_(program), matrix_(*program.risk, program.curvature * layout_.objective_scale) {}

  QuadraticSolution solve() {
    start();
    QuadraticSolution solution;
    double best = std::numeric_limits<double>::infinity();
    Iterate best_point = point_;
    int without_progress = 0;
    for (; solution.iterations < kMaxIterations; ++solution.iterations) {
      const Residuals residuals = find_residuals();
      const double error = std::max({residuals.largest_primal(), residuals.largest_dual(), gap()});
      if (!std::isfinite(error)) break;
      without_progress = error < 0.9 * best ? 0 : without_progress + 1;
      if (error < best) {
        best = error;
        best_point = point_;
      }
      if (best <= kTolerance || without_progress > 12) break;
      if (!advance(residuals)) break;
    }
    point_ = std::move(best_point);
    solution.solved = best <= kGoodEnough;
    settle();
    const auto x = point_.v.head(layout_.names);
    solution.x.assign(x.data(), x.data() + x.size());
    return solution;
  }

  /// Returns the multipliers of the program's rows.
  std::vector<double> row_multipliers(std::size_t rows) const {
    std::vector<double> multipliers(rows, 0.0);
    for (std::size_t j = 0; j < layout_.rows.size(); ++j) {
      multipliers[layout_.rows[j]] =
          point_.y[static_cast<Index>(j)] * layout_.row_scales[j] / layout_.objective_scale;
    }
    return multipliers;
  }

 private:
  void start() {
    const Index variables = layout_.lower.size();
    point_.v = ArrayXd::Zero(variables);
    for (Index i = 0; i < variables; ++i) point_.v[i] = inside(i, i < layout_.names ? layout_.start[i] : 0.0);
    const VectorXd x = point_.v.head(layout_.names);
    for (std::size_t j = 0; j < layout_.ranges.size(); ++j) {
      const Index i = layout_.names + static_cast<Index>(j);
      point_.v[i] = inside(i, layout_.row_matrix.row(layout_.ranges[j]).dot(x));
    }
    for (const auto& distance : layout_.distances) {
      const VectorXd apart = x - distance.centre;
      const double room = std::isfinite(distance.limit)
                              ? distance.limit / static_cast<double>(2 * layout_.names)
                              : 0.5 / static_cast<double>(layout_.names);
      point_.v.segment(distance.up, layout_.names) = apart.array().max(0.0) + room;
      point_.v.segment(distance.down, layout_.names) = (-apart).array().max(0.0) + room;
      if (distance.rest >= 0) point_.v[distance.rest] = std::max(0.1 * distance.limit, 1e-3);
    }
    point_.zl = layout_.has_lower.select(ArrayXd::Ones(variables), 0.0);
    point_.zu = layout_.has_upper.select(ArrayXd::Ones(variables), 0.0);
    point_.y = VectorXd::Zero(static_cast<Index>(layout_.rows.size()));
    point_.nu.assign(layout_.distances.size(), VectorXd::Zero(layout_.names));
    point_.tau = VectorXd::Zero(static_cast<Index>(layout_.distances.size()));
  }

  /// Returns the value nearest `wanted` that is well inside a variable's bounds.
  double inside(Index i, double wanted) const {
    const bool below = layout_.has_lower[i], above = layout_.has_upper[i];
    const double low = layout_.lower[i], high = layout_.upper[i];
    if (below && above) return std::clamp(wanted, low + 0.1 * (high - low), high - 0.1 * (high - low));
    if (below) return std::max(wanted, low + 0.1);
    if (above) return std::min(wanted, high - 0.1);
    return wanted;
  }

  ArrayXd above_lower() const { return layout_.has_lower.select(point_.v - layout_.lower, 1.0); }
  ArrayXd below_upper() const { return layout_.has_upper.select(layout_.upper - point_.v, 1.0); }

  /// Returns the mean product of a bound's slack and its multiplier.
  double gap() const {
    if (layout_.bounds == 0) return 0.0;
    return ((above_lower() * point_.zl).sum() + (below_upper() * point_.zu).sum()) /
           static_cast<double>(layout_.bounds);
  }

  Residuals find_residuals() const {
    const Index n = layout_.names;
    const VectorXd x = point_.v.head(n);
    Residuals found;
    found.dual = point_.zu - point_.zl;
    found.dual.head(n) +=
        (matrix_.times(x) + layout_.linear + layout_.row_matrix.transpose() * point_.y).array();
    found.rows = layout_.row_matrix * x - layout_.row_targets;
    for (std::size_t j = 0; j < layout_.ranges.size(); ++j) {
      const Index i = n + static_cast<Index>(j), row = layout_.ranges[j];
      found.dual[i] -= point_.y[row];
      found.rows[row] -= point_.v[i];
    }
    found.limits = VectorXd::Zero(point_.tau.size());
    for (std::size_t k = 0; k < layout_.distances.size(); ++k) {
      const auto& distance = layout_.distances[k];
      const double tau = point_.tau[static_cast<Index>(k)];
      const auto up = point_.v.segment(distance.up, n), down = point_.v.segment(distance.down, n);
      found.dual.head(n) += point_.nu[k].array();
      found.dual.segment(distance.up, n) += distance.slope(up) + tau - point_.nu[k].array();
      found.dual.segment(distance.down, n) += distance.slope(down) + tau + point_.nu[k].array();
      found.links.emplace_back(x - distance.centre - (up - down).matrix());
      if (distance.rest < 0) continue;
      found.dual[distance.rest] += tau;
      found.limits[static_cast<Index>(k)] = up.sum() + down.sum() + point_.v[distance.rest] - distance.limit;
    }
    // Whatever pulls at a fixed name, its bounds hold it.
    found.dual.head(n) = layout_.fixed.select(ArrayXd::Zero(n), found.dual.head(n));
    return found;
  }

  /// What one factorization serves: predictor and corrector differ in the right sides alone.
  struct System {
    ArrayXd diagonal;  ///< of all variables: second derivatives of the costs, and the bounds' z / slack
    struct Pair {
      ArrayXd both;  ///< E = 1 / (1/Dp + 1/Dq)
      ArrayXd apart;
    };
    std::vector<Pair> pairs;
    MatrixXd border;  ///< n × (rows + distances)
    MatrixXd solved_border;
    Eigen::LDLT<MatrixXd> schur;
  };

  bool prepare(System& system) {
    const Index n = layout_.names;
    system.diagonal = point_.zl / above_lower() + point_.zu / below_upper();
    system.diagonal.head(n) += layout_.fixed.select(ArrayXd::Constant(n, kImmovable), 0.0);
    ArrayXd names = system.diagonal.head(n);
    const Index rows = static_cast<Index>(layout_.rows.size());
    const Index borders = rows + static_cast<Index>(layout_.distances.size());
    system.border.resize(n, borders);
    system.border.leftCols(rows) = layout_.row_matrix.transpose();
    VectorXd corner = VectorXd::Constant(borders, kRowRegularization);
    for (std::size_t j = 0; j < layout_.ranges.size(); ++j) {
      corner[layout_.ranges[j]] = 1.0 / system.diagonal[n + static_cast<Index>(j)];
    }
    for (std::size_t k = 0; k < layout_.distances.size(); ++k) {
      const auto& distance = layout_.distances[k];
      auto up = system.diagonal.segment(distance.up, n), down = system.diagonal.segment(distance.down, n);
      up += distance.curvature(point_.v.segment(distance.up, n));
      down += distance.curvature(point_.v.segment(distance.down, n));
      system.pairs.push_back({(up * down) / (up + down), (down - up) / (up + down)});
      names += system.pairs.back().both;
      const Index column = rows + static_cast<Index>(k);
      // Without a limit the multiplier stays at zero: an empty column with a corner of its own.
      system.border.col(column).setZero();
      corner[column] = 1.0;
      if (distance.rest < 0) continue;
      system.border.col(column) = system.pairs.back().apart.matrix();
      corner[column] = (4.0 / (up + down)).sum() + 1.0 / system.diagonal[distance.rest];
    }
    if (!matrix_.factor(names)) return false;
    system.solved_border = matrix_.solve(system.border);
    MatrixXd schur = system.border.transpose() * system.solved_border;
    schur.diagonal() += corner;
    system.schur.compute(schur);
    return system.schur.info() == Eigen::Success;
  }

  /// Returns the Newton step for given complementarity targets.
  Iterate solve_step(const System& system, const Residuals& residuals, const ArrayXd& lower_target,
                     const ArrayXd& upper_target) const {
    const Index n = layout_.names, rows = static_cast<Index>(layout_.rows.size());
    const ArrayXd slack_low = above_lower(), slack_high = below_upper();
    const ArrayXd rho = lower_target / slack_low - upper_target / slack_high - residuals.dual;
    VectorXd right = rho.head(n);
    VectorXd corner = VectorXd::Zero(system.border.cols());
    corner.head(rows) = -residuals.rows;
    for (std::size_t j = 0; j < layout_.ranges.size(); ++j) {
      const Index i = n + static_cast<Index>(j);
      corner[layout_.ranges[j]] += rho[i] / system.diagonal[i];
    }
    std::vector<ArrayXd> kappas;
    for (std::size_t k = 0; k < layout_.distances.size(); ++k) {
      const auto& distance = layout_.distances[k];
      const ArrayXd up = rho.segment(distance.up, n) / system.diagonal.segment(distance.up, n);
      const ArrayXd down = rho.segment(distance.down, n) / system.diagonal.segment(distance.down, n);
      kappas.emplace_back(residuals.links[k].array() - up + down);
      right -= (system.pairs[k].both * kappas[k]).matrix();
      if (distance.rest < 0) continue;
      corner[rows + static_cast<Index>(k)] =
          -residuals.limits[static_cast<Index>(k)] - up.sum() - down.sum() -
          rho[distance.rest] / system.diagonal[distance.rest] - (system.pairs[k].apart * kappas[k]).sum();
    }
    const VectorXd first = matrix_.solve(right);
    const VectorXd multipliers = system.schur.solve(system.border.transpose() * first - corner);
    const VectorXd dx = first - system.solved_border * multipliers;

    Iterate step;
    step.v = ArrayXd::Zero(point_.v.size());
    step.v.head(n) = dx.array();
    step.y = multipliers.head(rows);
    for (std::size_t j = 0; j < layout_.ranges.size(); ++j) {
      const Index i = n + static_cast<Index>(j);
      step.v[i] = (rho[i] + step.y[layout_.ranges[j]]) / system.diagonal[i];
    }
    step.tau = VectorXd::Zero(point_.tau.size());
    for (std::size_t k = 0; k < layout_.distances.size(); ++k) {
      const auto& distance = layout_.distances[k];
      const auto& pair = system.pairs[k];
      const double dtau = distance.rest < 0 ? 0.0 : multipliers[rows + static_cast<Index>(k)];
      step.tau[static_cast<Index>(k)] = dtau;
      // E (dx + e dτ + κ), where E e is `apart`.
      step.nu.emplace_back((pair.both * (dx.array() + kappas[k]) + pair.apart * dtau).matrix());
      const auto& dnu = step.nu.back().array();
      step.v.segment(distance.up, n) =
          (rho.segment(distance.up, n) + dnu - dtau) / system.diagonal.segment(distance.up, n);
      step.v.segment(distance.down, n) =
          (rho.segment(distance.down, n) - dnu - dtau) / system.diagonal.segment(distance.down, n);
      if (distance.rest >= 0) {
        step.v[distance.rest] = (rho[distance.rest] - dtau) / system.diagonal[distance.rest];
      }
    }
    // lower_target is σμ − corrections − z·slack + z·slack's share in the dual residual: see advance().
    step.zl = layout_.has_lower.select((lower_target - point_.zl * step.v) / slack_low, 0.0);
    step.zu = layout_.has_upper.select((upper_target + point_.zu * step.v) / slack_high, 0.0);
    return step;
  }

  /// Returns the longest step, at most 1, that keeps slacks and multipliers positive.
  double longest(const Iterate& step) const {
    double length = 1.0;
    const auto limit = [&length](const ArrayXd& value, const ArrayXd& change) {
      for (Index i = 0; i < value.size(); ++i) {
        if (change[i] < 0.0) length = std::min(length, -value[i] / change[i]);
      }
    };
    limit(above_lower(), layout_.has_lower.select(step.v, 0.0));
    limit(below_upper(), layout_.has_upper.select(-step.v, 0.0));
    limit(layout_.has_lower.select(point_.zl, 1.0), step.zl);
    limit(layout_.has_upper.select(point_.zu, 1.0), step.zu);
    return length;
  }

  void take(const Iterate& step, double length) {
    const ArrayXd bend = slopes_beyond_line(step, length);
    point_.v += length * step.v;
    point_.zl += length * step.zl;
    // The slope of a power cost is not the line that the step took it for. Near zero, where the two are far
    // apart, the multiplier of p >= 0 takes up the difference.
    point_.zl = (point_.zl + bend > 0.5 * point_.zl).select(point_.zl + bend, point_.zl);
    point_.zu += length * step.zu;
    point_.y += length * step.y;
    point_.tau += length * step.tau;
    for (std::size_t k = 0; k < point_.nu.size(); ++k) point_.nu[k] += length * step.nu[k];
  }

  /// Returns by how much the slopes of the costs after a step are above those of their tangents.
  ArrayXd slopes_beyond_line(const Iterate& step, double length) const {
    ArrayXd bend = ArrayXd::Zero(point_.v.size());
    for (const auto& distance : layout_.distances) {
      if ((distance.power == 0.0).all()) continue;
      for (const Index part : {distance.up, distance.down}) {
        const ArrayXd before = point_.v.segment(part, layout_.names);
        const ArrayXd change = length * step.v.segment(part, layout_.names);
        bend.segment(part, layout_.names) =
            distance.slope(before + change) - distance.slope(before) - distance.curvature(before) * change;
      }
    }
    return bend;
  }

  bool advance(const Residuals& residuals) {
    System system;
    if (!prepare(system)) return false;
    const ArrayXd low_products = above_lower() * point_.zl, high_products = below_upper() * point_.zu;
    const Iterate predictor = solve_step(system, residuals, layout_.has_lower.select(-low_products, 0.0),
                                         layout_.has_upper.select(-high_products, 0.0));
    const double mean = gap();
    if (layout_.bounds == 0) {
      take(predictor, 1.0);
      return true;
    }
    const double reach = longest(predictor);
    const double after =
        (layout_.has_lower
             .select((above_lower() + reach * predictor.v) * (point_.zl + reach * predictor.zl), 0.0)
             .sum() +
         layout_.has_upper
             .select((below_upper() - reach * predictor.v) * (point_.zu + reach * predictor.zu), 0.0)
             .sum()) /
        static_cast<double>(layout_.bounds);
    const double centring = std::pow(after / mean, 3.0);
    const ArrayXd low_target = centring * mean - low_products - predictor.v * predictor.zl;
    const ArrayXd high_target = centring * mean - high_products + predictor.v * predictor.zu;
    const Iterate corrector = solve_step(system, residuals, layout_.has_lower.select(low_target, 0.0),
                                         layout_.has_upper.select(high_target, 0.0));
    const double length = longest(corrector);
    take(corrector, length < 1.0 ? kStepToBoundary * length : 1.0);
    return true;
  }

  /// Whether variable `i` is held by its lower bound, which the method only approaches.
  bool held_below(Index i) const {
    const double slack = point_.v[i] - layout_.lower[i];
    return layout_.has_lower[i] && slack < kNearBound && point_.zl[i] > slack;
  }
  bool held_above(Index i) const {
    const double slack = layout_.upper[i] - point_.v[i];
    return layout_.has_upper[i] && slack < kNearBound && point_.zu[i] > slack;
  }

  /// Puts every name onto the bound or centre that holds it, and gives what that takes from rows and
  /// distances that are held at a limit back to the names between their bounds.
  void settle() {
    const std::vector<Index> between = settle_names();
    std::vector<std::pair<VectorXd, double>> held = held_rows();
    if (held.empty() || between.empty()) return;
    MatrixXd free_rows(static_cast<Index>(held.size()), static_cast<Index>(between.size()));
    VectorXd missing(static_cast<Index>(held.size()));
    for (std::size_t row = 0; row < held.size(); ++row) {
      const auto& [coefficients, value] = held[row];
      missing[static_cast<Index>(row)] = value - coefficients.dot(point_.v.head(layout_.names).matrix());
      for (std::size_t i = 0; i < between.size(); ++i) {
        free_rows(static_cast<Index>(row), static_cast<Index>(i)) = coefficients[between[i]];
      }
    }
    const VectorXd change = free_rows.completeOrthogonalDecomposition().solve(missing);
    for (std::size_t i = 0; i < between.size(); ++i) {
      const Index name = between[i];
      double moved = point_.v[name] + change[static_cast<Index>(i)];
      if (layout_.has_lower[name]) moved = std::max(moved, layout_.lower[name]);
      if (layout_.has_upper[name]) moved = std::min(moved, layout_.upper[name]);
      point_.v[name] = moved;
    }
  }

  /// Returns the names that nothing holds, ascending.
  std::vector<Index> settle_names() {
    std::vector<Index> between;
    for (Index i = 0; i < layout_.names; ++i) {
      if (held_below(i)) {
        point_.v[i] = layout_.lower[i];
      } else if (held_above(i)) {
        point_.v[i] = layout_.upper[i];
      } else if (const auto* distance = holding_distance(i); distance != nullptr) {
        point_.v[i] = distance->centre[i];
      } else if (!layout_.fixed[i]) {
        between.push_back(i);
      }
    }
    return between;
  }

  /// Returns the distance whose centre holds a name, or null.
  const ProgramLayout::Distance* holding_distance(Index name) const {
    for (const auto& distance : layout_.distances) {
      const double centre = distance.centre[name];
      const bool allowed = (!layout_.has_lower[name] || centre >= layout_.lower[name]) &&
                           (!layout_.has_upper[name] || centre <= layout_.upper[name]);
      if (allowed && held_below(distance.up + name) && held_below(distance.down + name)) return &distance;
    }
    return nullptr;
  }

  /// Returns the rows that are held at one of their limits, the limits of distances among them, with the
  /// value.
  std::vector<std::pair<VectorXd, double>> held_rows() const {
    std::vector<std::pair<VectorXd, double>> held;
    std::vector<Index> slack_of(layout_.rows.size(), -1);
    for (std::size_t j = 0; j < layout_.ranges.size(); ++j) {
      slack_of[static_cast<std::size_t>(layout_.ranges[j])] = layout_.names + static_cast<Index>(j);
    }
    for (std::size_t row = 0; row < layout_.rows.size(); ++row) {
      const Index i = slack_of[row], j = static_cast<Index>(row);
      const VectorXd coefficients = layout_.row_matrix.row(j).transpose();
      if (i < 0) held.emplace_back(coefficients, layout_.row_targets[j]);
      if (i >= 0 && held_below(i)) held.emplace_back(coefficients, layout_.lower[i]);
      if (i >= 0 && held_above(i)) held.emplace_back(coefficients, layout_.upper[i]);
    }
    for (const auto& distance : layout_.distances) {
      if (distance.rest < 0 || !held_below(distance.rest)) continue;
      const ArrayXd side = (point_.v.head(layout_.names) - distance.centre.array()).sign();
      held.emplace_back(side.matrix(), distance.limit + side.matrix().dot(distance.centre));
    }
    return held;
  }

  const ProgramLayout layout_;
  NewtonMatrix matrix_;
  Iterate point_;
};

}  // namespace

QuadraticSolution solve_quadratic_program(const QuadraticProgram& program) {
  check_program(program);
  InteriorPoint method(program);
  QuadraticSolution solution = method.solve();
  solution.row_multipliers = method.row_multipliers(program.rows.size());
  solution.objective = program_objective(program, solution.x);
  return solution;
}

double program_objective(const QuadraticProgram& program, std::span<const double> x) {
  double objective = 0.5 * program.curvature * program.risk->variance(x);
  for (std::size_t i = 0; i < x.size(); ++i) objective += program.linear[i] * x[i];
  for (const auto& distance : program.distances) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double far = std::abs(x[i] - distance.centre[i]);
      if (!distance.linear.empty()) objective += distance.linear[i] * far;
      if (!distance.power.empty()) objective += distance.power[i] * far * std::sqrt(far);
    }
  }
  return objective;
}

}  // namespace orrery
