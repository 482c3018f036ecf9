// Clusters of names optimized one by one, then against each other: nested clustered optimization.
#include <utility>

#include "orrery/base/error.h"
#include "orrery/portfolio/frontier.h"
#include "orrery/portfolio/name_hierarchy.h"
#include "orrery/portfolio/portfolio_program.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::nco_plugin {
namespace {

/// Returns a problem of some portfolios of names (or single names), long only and fully invested. Each row of
/// `parts` has the names' weights in one of them.
PortfolioProblem problem_of_parts(const PortfolioProblem& problem,
                                  const std::vector<std::vector<double>>& parts) {
  PortfolioProblem made;
  SquareMatrix covariance(parts.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const auto product = problem.risk.times(parts[i]);
    made.names.push_back("part " + std::to_string(i + 1));
    double mean = 0.0;
    for (std::size_t name = 0; name < product.size(); ++name) {
      for (std::size_t j = 0; j <= i; ++j) covariance(i, j) += parts[j][name] * product[name];
      if (!problem.expected_returns.empty()) mean += parts[i][name] * problem.expected_returns[name];
    }
    for (std::size_t j = 0; j < i; ++j) covariance(j, i) = covariance(i, j);
    if (!problem.expected_returns.empty()) made.expected_returns.push_back(mean);
  }
  made.risk = RiskModel::dense(std::move(covariance));
  made.constraints.lower.assign(parts.size(), 0.0);
  made.constraints.upper.assign(parts.size(), 1.0);
  return made;
}

class NestedClusters final : public Optimizer {
 public:
  NestedClusters(HierarchySettings settings, std::size_t clusters, bool best_ratio)
      : settings_(settings), clusters_(clusters), best_ratio_(best_ratio) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    if (best_ratio_ && problem.expected_returns.empty()) {
      throw user_error(ErrorCode::kInvalidArgument, "nco with goal = max_sharpe needs expected returns");
    }
    const NameHierarchy names = arrange_names(problem, settings_);
    std::vector<std::vector<double>> clusters;
    for (const std::size_t cluster : choose_clusters(names, clusters_)) {
      std::vector<std::vector<double>> members;
      for (const std::size_t name : leaves_below(names.tree, cluster)) {
        members.emplace_back(problem.names.size(), 0.0);
        members.back()[name] = 1.0;
      }
      clusters.push_back(combined(problem, members));
    }
    auto weights = combined(problem, clusters);
    for (double& weight : weights) weight *= problem.constraints.budget;
    return {weights, {}};
  }

 private:
  /// Returns the names' weights in the best portfolio of the parts.
  std::vector<double> combined(const PortfolioProblem& problem,
                               const std::vector<std::vector<double>>& parts) const {
    if (parts.size() == 1) return parts.front();
    const auto shares = best_of(problem_of_parts(problem, parts));
    std::vector<double> weights(problem.names.size(), 0.0);
    for (std::size_t part = 0; part < parts.size(); ++part) {
      for (std::size_t name = 0; name < weights.size(); ++name)
        weights[name] += shares[part] * parts[part][name];
    }
    return weights;
  }

  /// Where no part is expected to earn anything there is no best ratio: least variance then.
  std::vector<double> best_of(const PortfolioProblem& parts) const {
    if (best_ratio_) {
      const auto point = search_frontier(parts, parts.expected_returns, [](const FrontierPoint& tried) {
        return tried.risk_aversion * tried.variance - tried.net_return;
      });
      if (point.net_return > 0.0) return point.weights;
    }
    return minimise_objective(parts, {});
  }

  const HierarchySettings settings_;
  const std::size_t clusters_;
  const bool best_ratio_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary =
      "Nested clusters: the best portfolio of each cluster's names, then the best one of these portfolios.";
  info.parameters = hierarchy_parameters("ward");
  info.parameters.push_back(cluster_count_parameter());
  info.parameters.push_back({"goal",
                             std::string("min_volatility"),
                             "of each cluster and of all of them",
                             {},
                             {},
                             {"min_volatility", "max_sharpe"}});
  info.source = "López de Prado 2019, A Robust Estimator of the Efficient Frontier; clusters from a tree";
  info.honours = HonouredConstraints::kBudgetAlone;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("nco", {describe(), [](const ParameterMap& parameters) {
                         return std::make_unique<NestedClusters>(
                             read_hierarchy_settings(parameters),
                             static_cast<std::size_t>(get_integer(parameters, "clusters")),
                             get_string(parameters, "goal") == "max_sharpe");
                       }});
}

}  // namespace orrery::plugins::optimizers::nco_plugin
