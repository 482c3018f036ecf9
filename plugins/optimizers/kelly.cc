// The fastest expected growth, or a fraction of the bets that bring it.
#include <Eigen/Dense>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::kelly_plugin {
namespace {

using RowMatrix = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

constexpr int kMaxSteps = 100;
constexpr double kSettled = 1e-11;  ///< change of the weights
constexpr double kEnough = 1e-4;    ///< part of the promised gain that a step has to bring (Armijo)

/// Maximises the mean of log(1 + r'w), or for a fraction f < 1 of ((1 + r'w)^(1 − g) − 1) / (1 − g) with g =
/// 1 / f: the investor whose bets are about f of Kelly's. Newton's method, each step a quadratic program over
/// the constraints.
class Kelly final : public Optimizer {
 public:
  Kelly(double fraction, double doubt) : aversion_(1.0 / fraction), doubt_(doubt) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    return {solve_in_rounds(problem, [this](const PortfolioProblem& round) { return solve(round); }), {}};
  }

 private:
  std::vector<double> solve(const PortfolioProblem& problem) const {
    const RowMatrix returns = expected_scenarios(problem);
    Eigen::VectorXd weights = to_vector(minimise_convex(problem, {}));
    double value = mean_loss(returns, weights);
    if (!std::isfinite(value)) {
      throw user_error(
          ErrorCode::kInvalidArgument,
          "kelly: every allowed portfolio that was tried loses everything in one of the periods");
    }
    for (int step = 0; step < kMaxSteps; ++step) {
      const Eigen::VectorXd target = newton_target(problem, returns, weights);
      const Eigen::VectorXd direction = target - weights;
      if (direction.cwiseAbs().maxCoeff() <= kSettled) break;
      const double slope = gradient(returns, weights).dot(direction);
      double length = 1.0, next = mean_loss(returns, target);
      while (!(next <= value + kEnough * length * slope) && length > 1e-10) {
        length *= 0.5;
        next = mean_loss(returns, weights + length * direction);
      }
      if (!(next < value)) break;
      weights += length * direction;
      value = next;
    }
    return {weights.data(), weights.data() + weights.size()};
  }

  static Eigen::VectorXd to_vector(const std::vector<double>& values) {
    return Eigen::Map<const Eigen::VectorXd>(values.data(), static_cast<Eigen::Index>(values.size()));
  }

  /// Returns the scenarios with the means that are expected, less what they may be wrong by.
  RowMatrix expected_scenarios(const PortfolioProblem& problem) const {
    const auto periods = static_cast<Eigen::Index>(problem.returns.periods);
    const auto names = static_cast<Eigen::Index>(problem.returns.names);
    RowMatrix returns = Eigen::Map<const RowMatrix>(problem.returns.values.data(), periods, names);
    const Eigen::RowVectorXd means = returns.colwise().mean();
    if (!problem.expected_returns.empty()) {
      returns.rowwise() += to_vector(problem.expected_returns).transpose() - means;
    }
    if (doubt_ > 0.0 && periods > 1) {
      const Eigen::RowVectorXd middle = returns.colwise().mean();
      const Eigen::RowVectorXd variance =
          (returns.rowwise() - middle).colwise().squaredNorm() / static_cast<double>(periods - 1);
      returns.rowwise() -= doubt_ * (variance / static_cast<double>(periods)).cwiseSqrt();
    }
    return returns;
  }

  double mean_loss(const RowMatrix& returns, const Eigen::VectorXd& weights) const {
    const Eigen::ArrayXd wealth = 1.0 + (returns * weights).array();
    if (!(wealth.minCoeff() > 0.0)) return std::numeric_limits<double>::infinity();
    if (aversion_ == 1.0) return -wealth.log().mean();
    return ((wealth.pow(1.0 - aversion_) - 1.0) / (aversion_ - 1.0)).mean();
  }

  Eigen::VectorXd gradient(const RowMatrix& returns, const Eigen::VectorXd& weights) const {
    const Eigen::ArrayXd wealth = 1.0 + (returns * weights).array();
    return -returns.transpose() * wealth.pow(-aversion_).matrix() / static_cast<double>(returns.rows());
  }

  /// Returns where the loss's second-order approximation at `weights` is least.
  Eigen::VectorXd newton_target(const PortfolioProblem& problem, const RowMatrix& returns,
                                const Eigen::VectorXd& weights) const {
    const Eigen::ArrayXd wealth = 1.0 + (returns * weights).array();
    const Eigen::VectorXd roots =
        (aversion_ / static_cast<double>(returns.rows()) * wealth.pow(-aversion_ - 1.0)).sqrt();
    const RowMatrix scaled = roots.asDiagonal() * returns;
    PortfolioProblem step = problem;
    step.risk = RiskModel::dense(SquareMatrix(problem.names.size()));
    Eigen::Map<RowMatrix> hessian(step.risk.covariance.values.data(), weights.size(), weights.size());
    hessian.noalias() = scaled.transpose() * scaled;
    const Eigen::VectorXd linear = gradient(returns, weights) - hessian * weights;
    return to_vector(minimise_convex(step, {1.0, {linear.data(), linear.data() + linear.size()}}));
  }

  const double aversion_, doubt_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "The fastest expected growth over the past periods, or a fraction of its bets.";
  info.parameters = {
      {"fraction", 0.5, "of Kelly's bets; 1 is full Kelly", 0.01, 1.0},
      {"doubt", 0.0, "standard errors by which the mean returns are taken to be lower", 0.0, 10.0}};
  info.source = "Kelly 1956; MacLean, Thorp & Ziemba 2010, Good and Bad Properties of the Kelly Criterion";
  info.needs_returns = true;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("kelly", {describe(), [](const ParameterMap& parameters) {
                           return std::make_unique<Kelly>(get_double(parameters, "fraction"),
                                                          get_double(parameters, "doubt"));
                         }});
}

}  // namespace orrery::plugins::optimizers::kelly_plugin
