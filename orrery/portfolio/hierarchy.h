#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "orrery/portfolio/square_matrix.h"

namespace orrery {

/// What the distance of two clusters is.
enum class Linkage : std::uint8_t {
  kSingle,    ///< that of their nearest members
  kComplete,  ///< that of their farthest members
  kAverage,   ///< the mean over all pairs
  kWard,      ///< by how much their squared deviations grow when they become one: Ward 1963
};

/// Two clusters become one. Clusters 0 … n − 1 are the names themselves; the merge at place m makes cluster
/// n + m.
struct ClusterMerge {
  std::size_t left = 0, right = 0;
  double height = 0.0;  ///< the distance of the two
};

/// A tree of n names: n − 1 merges in the order of their heights.
struct Hierarchy {
  std::size_t names = 0;
  std::vector<ClusterMerge> merges;
};

/// Returns √((1 − ρ) / 2) of each pair of names, from 0 to 1: López de Prado 2016, Building Diversified
/// Portfolios that Outperform Out of Sample. All variances are > 0.
SquareMatrix correlation_distance(const SquareMatrix& covariance);

/// Returns the Euclidean distances of the columns of `distance`: how alike two names lie to all others.
SquareMatrix distance_of_columns(const SquareMatrix& distance);

/// Merges the nearest clusters until one is left. Of equal distances the same ones go first as in SciPy's
/// `linkage`, and of two clusters the older one is on the left. `distance` is symmetric, of 1 name or more.
/// Source: Müllner 2011, Modern hierarchical, agglomerative clustering algorithms. Time: O(n²).
Hierarchy build_hierarchy(const SquareMatrix& distance, Linkage linkage);

/// Turns the tree's branches so that neighbours lie near: every cluster's halves are turned to the best pair
/// of outer leaves that the cluster has for itself (Bar-Joseph, Gifford & Jaakkola 2001), without going back
/// to them for the sake of the clusters above, as SciPy's `optimal_leaf_ordering` does. Time: O(n³).
Hierarchy turn_branches(Hierarchy hierarchy, const SquareMatrix& distance);

/// Returns the names from the leftmost leaf to the rightmost.
std::vector<std::size_t> leaf_order(const Hierarchy& hierarchy);

/// Returns the names below cluster `cluster`, from left to right.
std::vector<std::size_t> leaves_below(const Hierarchy& hierarchy, std::size_t cluster);

/// Returns the numbers of the clusters that are left when the last `count` − 1 merges are undone, ascending.
/// `count` is from 1 to the number of names.
std::vector<std::size_t> cut_hierarchy(const Hierarchy& hierarchy, std::size_t count);

/// Returns how many clusters the names are in: the k, from 2 to min(most, √n), at which W(k) + W(k + 2) −
/// 2 W(k + 1) is largest, W being the sum over the clusters of the standard deviation of the distances within
/// them. 1 for fewer than four names. Source: Yue, Wang & Wei 2008, Application of two-order difference to
/// gap statistic, with the dispersion as in Riskfolio-Lib's `two_diff_gap_stat`.
std::size_t count_clusters(const Hierarchy& hierarchy, const SquareMatrix& distance, std::size_t most = 10);

/// Returns the variance of the members' portfolio with weights inverse to their variances.
double inverse_variance_risk(const SquareMatrix& covariance, std::span<const std::size_t> members);

}  // namespace orrery
