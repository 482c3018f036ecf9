// Risk shared down a tree to a number of clusters, and within each to its names.
#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/portfolio/name_hierarchy.h"
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::herc_plugin {
namespace {

struct Sharing {
  bool volatility = false;     ///< risk is the standard deviation, not the variance
  bool equal_weights = false;  ///< within a cluster
};

double risk_of_name(const SquareMatrix& covariance, std::size_t name, const Sharing& sharing) {
  return sharing.volatility ? std::sqrt(covariance(name, name)) : covariance(name, name);
}

/// Returns weights inverse to the members' risks, which add up to 1.
std::vector<double> inverse_weights(const SquareMatrix& covariance, const std::vector<std::size_t>& members,
                                    const Sharing& sharing) {
  std::vector<double> weights;
  double sum = 0.0;
  for (const std::size_t name : members) {
    weights.push_back(1.0 / risk_of_name(covariance, name, sharing));
    sum += weights.back();
  }
  for (double& weight : weights) weight /= sum;
  return weights;
}

/// The clusters of a tree, and what weight each has to get.
class ClusterShares {
 public:
  ClusterShares(const NameHierarchy& names, std::vector<std::size_t> clusters, const Sharing& sharing)
      : names_(names), sharing_(sharing), clusters_(std::move(clusters)), weights_(names.tree.names) {
    risks_.resize(names.tree.names + names.tree.merges.size(), 0.0);
    for (const std::size_t cluster : clusters_) risks_[cluster] = risk_of(leaves_below(names.tree, cluster));
    for (std::size_t place = 0; place < names.tree.merges.size(); ++place) {
      const std::size_t cluster = names.tree.names + place;
      const ClusterMerge& merge = names.tree.merges[place];
      if (!is_cut(cluster)) risks_[cluster] = risks_[merge.left] + risks_[merge.right];
    }
  }

  std::vector<double> share(double budget) {
    give(risks_.size() - 1, budget);
    return weights_;
  }

 private:
  bool is_cut(std::size_t cluster) const {
    return std::binary_search(clusters_.begin(), clusters_.end(), cluster);
  }

  double risk_of(const std::vector<std::size_t>& members) const {
    const auto weights = inverse_weights(names_.covariance, members, sharing_);
    double variance = 0.0;
    for (std::size_t i = 0; i < members.size(); ++i) {
      for (std::size_t j = 0; j < members.size(); ++j) {
        variance += weights[i] * weights[j] * names_.covariance(members[i], members[j]);
      }
    }
    return sharing_.volatility ? std::sqrt(variance) : variance;
  }

  /// Gives each side of a merge a part inverse to the sum of its clusters' risks.
  void give(std::size_t cluster, double weight) {
    if (is_cut(cluster)) {
      give_names(leaves_below(names_.tree, cluster), weight);
      return;
    }
    const ClusterMerge& merge = names_.tree.merges[cluster - names_.tree.names];
    const double left = risks_[merge.left], right = risks_[merge.right];
    const double part = left + right > 0.0 ? 1.0 - left / (left + right) : 0.5;
    give(merge.left, weight * part);
    give(merge.right, weight * (1.0 - part));
  }

  void give_names(const std::vector<std::size_t>& members, double weight) {
    const auto weights = inverse_weights(names_.covariance, members, sharing_);
    for (std::size_t i = 0; i < members.size(); ++i) {
      const double part = sharing_.equal_weights ? 1.0 / static_cast<double>(members.size()) : weights[i];
      weights_[members[i]] = weight * part;
    }
  }

  const NameHierarchy& names_;
  const Sharing sharing_;
  const std::vector<std::size_t> clusters_;  ///< ascending
  std::vector<double> risks_;                ///< of every cluster of the tree from the cut upwards
  std::vector<double> weights_;
};

class HierarchicalEqualRisk final : public Optimizer {
 public:
  HierarchicalEqualRisk(HierarchySettings settings, Sharing sharing, std::size_t clusters)
      : settings_(settings), sharing_(sharing), clusters_(clusters) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    const NameHierarchy names = arrange_names(problem, settings_);
    ClusterShares shares(names, choose_clusters(names, clusters_), sharing_);
    return {shares.share(problem.constraints.budget), {}};
  }

 private:
  const HierarchySettings settings_;
  const Sharing sharing_;
  const std::size_t clusters_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary =
      "Hierarchical equal risk contribution: risk shared down a tree to its clusters, then to their names.";
  info.parameters = hierarchy_parameters("ward");
  info.parameters.push_back(cluster_count_parameter());
  info.parameters.push_back(
      {"risk", std::string("variance"), "what is shared", {}, {}, {"variance", "volatility"}});
  info.parameters.push_back({"within",
                             std::string("inverse_risk"),
                             "weights of the names of one cluster",
                             {},
                             {},
                             {"inverse_risk", "equal"}});
  info.source = "Raffinot 2018, The Hierarchical Equal Risk Contribution Portfolio";
  info.honours = HonouredConstraints::kBudgetAlone;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("herc", {describe(), [](const ParameterMap& parameters) {
                          const Sharing sharing = {get_string(parameters, "risk") == "volatility",
                                                   get_string(parameters, "within") == "equal"};
                          return std::make_unique<HierarchicalEqualRisk>(
                              read_hierarchy_settings(parameters), sharing,
                              static_cast<std::size_t>(get_integer(parameters, "clusters")));
                        }});
}

}  // namespace orrery::plugins::optimizers::herc_plugin
