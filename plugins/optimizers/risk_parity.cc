// Every name contributes its share to the portfolio's variance.
#include <fmt/format.h>

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::risk_parity_plugin {
namespace {

constexpr double kTolerance = 1e-13;  ///< of a contribution against its budget
constexpr double kGoodEnough = 1e-8;  ///< where names that hedge each other leave rounding no more
constexpr int kMaxSweeps = 10'000, kPatience = 200;  ///< sweeps, in all and without getting nearer

[[noreturn]] void refuse_names(const std::string& what) {
  throw user_error(ErrorCode::kInvalidArgument, what);
}

/// Minimises ½ x'Σx − Σ b_i log x_i one name at a time: where its slope is zero, x_i (Σx)_i = b_i. The
/// positive root of a quadratic equation is a name's best value with the others fixed.
Eigen::VectorXd spread_risk(const Eigen::MatrixXd& covariance, const Eigen::VectorXd& budgets,
                            const std::vector<std::string>& names) {
  const Eigen::Index size = budgets.size();
  Eigen::VectorXd x = (budgets.array() / covariance.diagonal().array()).sqrt();
  // The size at which the names together have a variance of 1, the sum of the budgets.
  x /= std::sqrt(x.dot(covariance * x));
  Eigen::VectorXd product = covariance * x;
  double best = std::numeric_limits<double>::infinity();
  int waited = 0;
  for (int sweep = 0; sweep < kMaxSweeps; ++sweep) {
    for (Eigen::Index i = 0; i < size; ++i) {
      const double variance = covariance(i, i);
      const double others = product[i] - variance * x[i];
      const double root = std::sqrt(others * others + 4.0 * variance * budgets[i]);
      // The root that does not take one large number from another.
      const double next =
          others > 0.0 ? 2.0 * budgets[i] / (others + root) : (root - others) / (2.0 * variance);
      product += (next - x[i]) * covariance.col(i);
      x[i] = next;
    }
    product.noalias() = covariance * x;
    const double worst = ((x.array() * product.array() / budgets.array()) - 1.0).abs().maxCoeff();
    if (!std::isfinite(worst)) break;
    if (worst <= kTolerance * static_cast<double>(size)) return x;
    waited = worst < best ? 0 : waited + 1;
    best = std::min(best, worst);
    if (waited >= kPatience && worst <= kGoodEnough) return x;
  }
  refuse_names(
      fmt::format("the covariance of these {} names allows no equal contributions to risk: is it positive "
                  "semidefinite?",
                  names.size()));
}

class RiskParity final : public Optimizer {
 public:
  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    const SquareMatrix full = problem.risk.full();
    const auto size = static_cast<Eigen::Index>(full.size);
    const Eigen::Map<const Eigen::MatrixXd> covariance(full.values.data(), size, size);
    for (std::size_t i = 0; i < full.size; ++i) {
      if (!(full(i, i) > 0.0)) refuse_names(fmt::format("'{}' has no variance to share", problem.names[i]));
    }
    Eigen::VectorXd budgets = Eigen::VectorXd::Constant(size, 1.0 / static_cast<double>(size));
    if (!problem.risk_budgets.empty()) {
      budgets = Eigen::Map<const Eigen::VectorXd>(problem.risk_budgets.data(), size);
      budgets /= budgets.sum();
    }
    Eigen::VectorXd x = spread_risk(covariance, budgets, problem.names);
    x *= problem.constraints.budget / x.sum();
    return {std::vector<double>(x.data(), x.data() + size), {}};
  }
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "Every name contributes the same to the portfolio's variance, or as the risk budgets say.";
  info.source =
      "Maillard, Roncalli & Teiletche 2010; Griveau-Billion, Richard & Roncalli 2013, A Fast Algorithm for "
      "Computing "
      "High-Dimensional Risk Parity Portfolios";
  info.honours = HonouredConstraints::kBudgetAlone;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("risk_parity",
               {describe(), [](const ParameterMap&) { return std::make_unique<RiskParity>(); }});
}

}  // namespace orrery::plugins::optimizers::risk_parity_plugin
