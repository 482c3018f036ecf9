#pragma once

#include <string>
#include <vector>

#include "orrery/base/parameters.h"
#include "orrery/portfolio/hierarchy.h"
#include "orrery/portfolio/portfolio_problem.h"

namespace orrery {

/// How the names of a portfolio are put into a tree.
struct HierarchySettings {
  Linkage linkage = Linkage::kSingle;
  bool columns = false;  ///< by the distances of the distances' columns, not by the distances themselves
};

/// The settings `linkage` and `distance` as plug-ins declare them.
std::vector<ParameterInfo> hierarchy_parameters(const std::string& usual_linkage);
HierarchySettings read_hierarchy_settings(const ParameterMap& parameters);

/// A problem's names as a tree.
struct NameHierarchy {
  SquareMatrix covariance;
  SquareMatrix distance;  ///< what the tree was made from
  Hierarchy tree;
};

/// Errors: kInvalidArgument naming a name without variance.
NameHierarchy arrange_names(const PortfolioProblem& problem, const HierarchySettings& settings);

/// The setting `clusters` as plug-ins declare it: how many, or 0 for count_clusters()'s rule.
ParameterInfo cluster_count_parameter();

/// Returns the numbers of the tree's clusters: `count` of them, or as many as count_clusters() says when it
/// is 0. Errors: kInvalidArgument for more clusters than names.
std::vector<std::size_t> choose_clusters(const NameHierarchy& names, std::size_t count);

}  // namespace orrery
