// Weights down a tree of correlations: hierarchical risk parity.
#include <span>

#include "orrery/portfolio/name_hierarchy.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::hrp_plugin {
namespace {

/// Halves the names in the order of the leaves, gives each half a part of the weight inverse to its variance,
/// and does the same with the halves.
void bisect(const SquareMatrix& covariance, std::span<const std::size_t> names, double weight,
            std::vector<double>& weights) {
  if (names.size() == 1) {
    weights[names.front()] = weight;
    return;
  }
  const auto left = names.first(names.size() / 2), right = names.subspan(names.size() / 2);
  const double one = inverse_variance_risk(covariance, left),
               other = inverse_variance_risk(covariance, right);
  const double part = one + other > 0.0 ? 1.0 - one / (one + other) : 0.5;
  bisect(covariance, left, weight * part, weights);
  bisect(covariance, right, weight * (1.0 - part), weights);
}

class HierarchicalRiskParity final : public Optimizer {
 public:
  HierarchicalRiskParity(HierarchySettings settings, bool turns) : settings_(settings), turns_(turns) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    NameHierarchy names = arrange_names(problem, settings_);
    if (turns_) names.tree = turn_branches(std::move(names.tree), names.distance);
    std::vector<double> weights(problem.names.size());
    bisect(names.covariance, leaf_order(names.tree), problem.constraints.budget, weights);
    return {weights, {}};
  }

 private:
  const HierarchySettings settings_;
  const bool turns_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary =
      "Hierarchical risk parity: names in the order of a tree of correlations, halved again and again.";
  info.parameters = hierarchy_parameters("single");
  info.parameters.push_back(
      {"order",
       std::string("merged"),
       "of the leaves: as the clusters were merged, or turned so that neighbours are near",
       {},
       {},
       {"merged", "turned"}});
  info.source = "López de Prado 2016, Building Diversified Portfolios that Outperform Out of Sample";
  info.honours = HonouredConstraints::kBudgetAlone;
  info.order_matters = true;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("hrp", {describe(), [](const ParameterMap& parameters) {
                         return std::make_unique<HierarchicalRiskParity>(
                             read_hierarchy_settings(parameters),
                             get_string(parameters, "order") == "turned");
                       }});
}

}  // namespace orrery::plugins::optimizers::hrp_plugin
