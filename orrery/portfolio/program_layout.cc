#include "orrery/portfolio/program_layout.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {
namespace {

using Eigen::ArrayXd;
using Eigen::Index;
using Eigen::VectorXd;

[[noreturn]] void refuse_program(const std::string& what) {
  throw user_error(ErrorCode::kInvalidArgument, "quadratic program: " + what);
}

void check_size(const char* what, std::size_t found, std::size_t expected) {
  if (found != expected) refuse_program(fmt::format("{} {} for {} variables", found, what, expected));
}

void check_known(const char* what, const std::vector<double>& values) {
  if (std::any_of(values.begin(), values.end(), [](double value) { return std::isnan(value); })) {
    refuse_program(fmt::format("a missing value among {}", what));
  }
}

ArrayXd array_of(const std::vector<double>& values, Index size, double scale) {
  if (values.empty()) return ArrayXd::Zero(size);
  return scale * Eigen::Map<const ArrayXd>(values.data(), size);
}

/// Returns what brings the largest part of the objective's slope to about 1.
double find_objective_scale(const QuadraticProgram& program) {
  double largest = 0.0;
  for (const double value : program.linear) largest = std::max(largest, std::abs(value));
  for (const double value : program.risk->variances()) largest = std::max(largest, program.curvature * value);
  for (const auto& distance : program.distances) {
    for (const double value : distance.linear) largest = std::max(largest, value);
    for (const double value : distance.power) largest = std::max(largest, value);
  }
  return largest > 0.0 ? 1.0 / largest : 1.0;
}

}  // namespace

void check_program(const QuadraticProgram& program) {
  if (program.risk == nullptr) refuse_program("no risk model");
  const std::size_t names = program.risk->names();
  check_size("linear terms", program.linear.size(), names);
  check_size("lower bounds", program.lower.size(), names);
  check_size("upper bounds", program.upper.size(), names);
  check_known("the covariances", program.risk->variances());
  check_known("the linear terms", program.linear);
  for (std::size_t i = 0; i < names; ++i) {
    if (!(program.lower[i] <= program.upper[i])) {
      refuse_program(
          fmt::format("variable {} has the bounds {} and {}", i, program.lower[i], program.upper[i]));
    }
  }
  for (const auto& row : program.rows) {
    check_size("coefficients of a row", row.coefficients.size(), names);
    check_known("the coefficients of a row", row.coefficients);
    if (!(row.low <= row.high))
      refuse_program(fmt::format("a row with the limits {} and {}", row.low, row.high));
  }
  for (const auto& distance : program.distances) {
    check_size("centres of a distance", distance.centre.size(), names);
    if (!distance.linear.empty()) check_size("linear costs", distance.linear.size(), names);
    if (!distance.power.empty()) check_size("power costs", distance.power.size(), names);
    if (!(distance.limit > 0.0)) refuse_program(fmt::format("a distance of at most {}", distance.limit));
  }
}

ProgramLayout::ProgramLayout(const QuadraticProgram& program)
    : names(static_cast<Index>(program.risk->names())), objective_scale(find_objective_scale(program)) {
  linear = array_of(program.linear, names, objective_scale).matrix();
  std::vector<std::pair<double, double>> range_limits;
  place_rows(program, range_limits);
  place_distances(program);
  Index variables = names + static_cast<Index>(ranges.size());
  for (Distance& distance : distances) {
    distance.up = variables;
    distance.down = variables + names;
    variables += 2 * names;
    if (std::isfinite(distance.limit)) distance.rest = variables++;
  }
  lower = ArrayXd::Zero(variables);
  upper = ArrayXd::Zero(variables);
  has_lower.setConstant(variables, false);
  has_upper.setConstant(variables, false);
  fixed.setConstant(names, false);
  start = VectorXd::Zero(names);
  const auto bound = [this](Index i, double low, double high) {
    has_lower[i] = std::isfinite(low);
    has_upper[i] = std::isfinite(high);
    if (has_lower[i]) lower[i] = low;
    if (has_upper[i]) upper[i] = high;
  };
  for (Index i = 0; i < names; ++i) {
    const double low = program.lower[static_cast<std::size_t>(i)],
                 high = program.upper[static_cast<std::size_t>(i)];
    fixed[i] = low == high;
    if (fixed[i]) start[i] = low;
    if (!fixed[i]) bound(i, low, high);
  }
  for (std::size_t j = 0; j < ranges.size(); ++j) {
    bound(names + static_cast<Index>(j), range_limits[j].first, range_limits[j].second);
  }
  for (Index i = names + static_cast<Index>(ranges.size()); i < variables; ++i) {
    bound(i, 0.0, std::numeric_limits<double>::infinity());
  }
  bounds = has_lower.count() + has_upper.count();
}

void ProgramLayout::place_rows(const QuadraticProgram& program,
                               std::vector<std::pair<double, double>>& range_limits) {
  for (std::size_t i = 0; i < program.rows.size(); ++i) {
    if (std::isfinite(program.rows[i].low) || std::isfinite(program.rows[i].high)) rows.push_back(i);
  }
  row_matrix.resize(static_cast<Index>(rows.size()), names);
  row_targets = VectorXd::Zero(static_cast<Index>(rows.size()));
  for (std::size_t j = 0; j < rows.size(); ++j) {
    const LinearRow& row = program.rows[rows[j]];
    const Eigen::Map<const VectorXd> coefficients(row.coefficients.data(), names);
    const double largest = names == 0 ? 0.0 : coefficients.cwiseAbs().maxCoeff();
    const double scale = largest > 0.0 ? 1.0 / largest : 1.0;
    row_scales.push_back(scale);
    row_matrix.row(static_cast<Index>(j)) = scale * coefficients.transpose();
    if (row.low == row.high) {
      row_targets[static_cast<Index>(j)] = scale * row.low;
    } else {
      ranges.push_back(static_cast<Index>(j));
      range_limits.emplace_back(scale * row.low, scale * row.high);
    }
  }
}

void ProgramLayout::place_distances(const QuadraticProgram& program) {
  for (const AbsoluteDistance& distance : program.distances) {
    Distance placed;
    placed.centre = array_of(distance.centre, names, 1.0).matrix();
    placed.limit = distance.limit;
    placed.linear = array_of(distance.linear, names, objective_scale);
    placed.power = array_of(distance.power, names, objective_scale);
    distances.push_back(std::move(placed));
  }
}

}  // namespace orrery
