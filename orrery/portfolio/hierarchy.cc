#include "orrery/portfolio/hierarchy.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace orrery {
namespace {

constexpr double kFar = std::numeric_limits<double>::infinity();

/// Sorts merges whose sides are given by any member by height, equal ones staying in their order, and names
/// the sides as clusters.
Hierarchy name_clusters(std::vector<ClusterMerge> merges, std::size_t names) {
  std::stable_sort(merges.begin(), merges.end(), [](const ClusterMerge& one, const ClusterMerge& other) {
    return one.height < other.height;
  });
  std::vector<std::size_t> parents(2 * names - 1);
  std::iota(parents.begin(), parents.end(), std::size_t{0});
  const auto root = [&parents](std::size_t cluster) {
    while (parents[cluster] != cluster) {
      parents[cluster] = parents[parents[cluster]];
      cluster = parents[cluster];
    }
    return cluster;
  };
  for (std::size_t place = 0; place < merges.size(); ++place) {
    const std::size_t one = root(merges[place].left), other = root(merges[place].right);
    merges[place].left = std::min(one, other);
    merges[place].right = std::max(one, other);
    parents[one] = parents[other] = names + place;
  }
  return {names, std::move(merges)};
}

/// Single linkage is the minimum spanning tree: Prim's algorithm from the first name.
std::vector<ClusterMerge> merge_nearest(const SquareMatrix& distance) {
  const std::size_t names = distance.size;
  std::vector<double> nearest(names, kFar);
  std::vector<bool> reached(names, false);
  std::vector<ClusterMerge> merges;
  std::size_t current = 0;
  for (std::size_t step = 0; step + 1 < names; ++step) {
    reached[current] = true;
    double least = kFar;
    std::size_t next = current;
    for (std::size_t i = 0; i < names; ++i) {
      if (reached[i]) continue;
      nearest[i] = std::min(nearest[i], distance(current, i));
      if (nearest[i] < least) {
        least = nearest[i];
        next = i;
      }
    }
    merges.push_back({current, next, least});
    current = next;
  }
  return merges;
}

/// The distance of cluster i to the union of x and y (Lance & Williams 1967).
struct UnionDistance {
  double to_x, to_y, apart;
  double names_x, names_y, names_i;

  double by(Linkage linkage) const {
    if (linkage == Linkage::kComplete) return std::max(to_x, to_y);
    if (linkage == Linkage::kAverage) return (names_x * to_x + names_y * to_y) / (names_x + names_y);
    const double part = 1.0 / (names_x + names_y + names_i);
    return std::sqrt((names_i + names_x) * part * to_x * to_x + (names_i + names_y) * part * to_y * to_y -
                     names_i * part * apart * apart);
  }
};

/// Follows nearest neighbours until two are each other's, merges them and goes on from what is left.
class NeighbourChain {
 public:
  NeighbourChain(const SquareMatrix& distance, Linkage linkage)
      : distance_(distance), linkage_(linkage), sizes_(distance.size, 1) {}

  std::vector<ClusterMerge> merges() {
    std::vector<ClusterMerge> merges;
    while (merges.size() + 1 < distance_.size) {
      merges.push_back(next_pair());
      unite(merges.back());
    }
    return merges;
  }

 private:
  ClusterMerge next_pair() {
    if (chain_.empty()) {
      const auto alive =
          std::find_if(sizes_.begin(), sizes_.end(), [](std::size_t size) { return size > 0; });
      chain_.push_back(static_cast<std::size_t>(alive - sizes_.begin()));
    }
    while (true) {
      const std::size_t last = chain_.back();
      // The element before comes first, or equal distances would lead round in circles.
      const bool began = chain_.size() > 1;
      std::size_t near = began ? chain_[chain_.size() - 2] : last;
      double least = began ? distance_(last, near) : kFar;
      for (std::size_t i = 0; i < sizes_.size(); ++i) {
        if (sizes_[i] == 0 || i == last || !(distance_(last, i) < least)) continue;
        least = distance_(last, i);
        near = i;
      }
      if (began && near == chain_[chain_.size() - 2]) {
        chain_.resize(chain_.size() - 2);
        return {std::min(last, near), std::max(last, near), least};
      }
      chain_.push_back(near);
    }
  }

  /// The union takes the place of the right one.
  void unite(const ClusterMerge& merge) {
    const auto count = [this](std::size_t cluster) { return static_cast<double>(sizes_[cluster]); };
    const std::size_t x = merge.left, y = merge.right;
    for (std::size_t i = 0; i < sizes_.size(); ++i) {
      if (sizes_[i] == 0 || i == x || i == y) continue;
      const UnionDistance apart = {distance_(i, x), distance_(i, y), merge.height,
                                   count(x),        count(y),        count(i)};
      distance_(i, y) = distance_(y, i) = apart.by(linkage_);
    }
    sizes_[y] += sizes_[x];
    sizes_[x] = 0;
  }

  SquareMatrix distance_;
  const Linkage linkage_;
  std::vector<std::size_t> sizes_;  ///< 0: has become part of another
  std::vector<std::size_t> chain_;
};

/// Leaves as places from left to right: a cluster is a range of them.
struct LeafRange {
  std::size_t begin = 0, end = 0;
};

/// Finds the halves of clusters that have to be turned round.
class BranchTurner {
 public:
  BranchTurner(const Hierarchy& hierarchy, const SquareMatrix& distance)
      : hierarchy_(hierarchy), distance_(distance.size), length_(distance.size) {
    const auto order = leaf_order(hierarchy);
    for (std::size_t i = 0; i < order.size(); ++i) {
      for (std::size_t j = 0; j < order.size(); ++j) distance_(i, j) = distance(order[i], order[j]);
    }
    ranges_.resize(hierarchy.names);
    for (std::size_t place = 0; place < order.size(); ++place) ranges_[order[place]] = {place, place + 1};
    for (const auto& merge : hierarchy.merges) {
      ranges_.push_back({ranges_[merge.left].begin, ranges_[merge.right].end});
    }
  }

  /// Returns for each merge whether its cluster has to be turned.
  std::vector<bool> turned() {
    std::vector<bool> result(hierarchy_.merges.size(), false);
    for (const auto& merge : hierarchy_.merges) {
      measure(merge);
      const LeafRange left = ranges_[merge.left], right = ranges_[merge.right];
      std::size_t first = left.begin, last = right.begin;
      for (std::size_t u = left.begin; u < left.end; ++u) {
        for (std::size_t w = right.begin; w < right.end; ++w) {
          if (length_(u, w) >= length_(first, last)) continue;
          first = u;
          last = w;
        }
      }
      // The outer leaf of the left half has to come from its left branch, that of the right from its right.
      if (is_merge(merge.left)) result[merge.left - hierarchy_.names] = !in_left_branch(merge.left, first);
      if (is_merge(merge.right)) result[merge.right - hierarchy_.names] = in_left_branch(merge.right, last);
    }
    return result;
  }

 private:
  bool is_merge(std::size_t cluster) const { return cluster >= hierarchy_.names; }
  const ClusterMerge& merge_of(std::size_t cluster) const {
    return hierarchy_.merges[cluster - hierarchy_.names];
  }
  bool in_left_branch(std::size_t cluster, std::size_t leaf) const {
    return leaf < ranges_[merge_of(cluster).left].end;
  }

  /// Returns the leaves that are at the other end of the cluster when `leaf` is at one.
  LeafRange opposite(std::size_t cluster, std::size_t leaf) const {
    if (!is_merge(cluster)) return ranges_[cluster];
    const ClusterMerge& merge = merge_of(cluster);
    return ranges_[in_left_branch(cluster, leaf) ? merge.right : merge.left];
  }

  /// Finds for each pair of outer leaves u and w of a union how short the way from one to the other can be:
  /// by the inner leaves m of the left half and k of the right.
  void measure(const ClusterMerge& merge) {
    const LeafRange left = ranges_[merge.left], right = ranges_[merge.right];
    std::vector<double> to_right(distance_.size);
    for (std::size_t u = left.begin; u < left.end; ++u) {
      const LeafRange inner = opposite(merge.left, u);
      for (std::size_t k = right.begin; k < right.end; ++k) {
        to_right[k] = kFar;
        for (std::size_t m = inner.begin; m < inner.end; ++m) {
          to_right[k] = std::min(to_right[k], length_(u, m) + distance_(k, m));
        }
      }
      for (std::size_t w = right.begin; w < right.end; ++w) {
        const LeafRange near = opposite(merge.right, w);
        double least = kFar;
        for (std::size_t k = near.begin; k < near.end; ++k)
          least = std::min(least, to_right[k] + length_(w, k));
        length_(u, w) = length_(w, u) = least;
      }
    }
  }

  const Hierarchy& hierarchy_;
  SquareMatrix distance_;  ///< of places, not names
  SquareMatrix length_;    ///< of the shortest order with two places at its ends
  std::vector<LeafRange> ranges_;
};

/// Returns the standard deviation of the distances of all pairs of members, 0 for fewer than two pairs.
double dispersion(const SquareMatrix& distance, std::span<const std::size_t> members) {
  double sum = 0.0, squares = 0.0;
  const double pairs =
      0.5 * static_cast<double>(members.size()) * (static_cast<double>(members.size()) - 1.0);
  if (pairs < 2.0) return 0.0;
  const auto over_pairs = [&](const auto& add) {
    for (std::size_t i = 0; i < members.size(); ++i) {
      for (std::size_t j = i + 1; j < members.size(); ++j) add(distance(members[i], members[j]));
    }
  };
  over_pairs([&sum](double value) { sum += value; });
  const double mean = sum / pairs;
  over_pairs([&squares, mean](double value) { squares += (value - mean) * (value - mean); });
  return std::sqrt(squares / pairs);
}

}  // namespace

SquareMatrix correlation_distance(const SquareMatrix& covariance) {
  SquareMatrix distance(covariance.size);
  for (std::size_t i = 0; i < covariance.size; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      const double correlation = covariance(i, j) / std::sqrt(covariance(i, i) * covariance(j, j));
      distance(i, j) = distance(j, i) = std::sqrt(std::clamp(0.5 * (1.0 - correlation), 0.0, 1.0));
    }
  }
  return distance;
}

SquareMatrix distance_of_columns(const SquareMatrix& distance) {
  const std::size_t size = distance.size;
  SquareMatrix result(size);
  for (std::size_t i = 0; i < size; ++i) {
    for (std::size_t j = 0; j < i; ++j) {
      double squares = 0.0;
      for (std::size_t k = 0; k < size; ++k) {
        const double apart = distance(i, k) - distance(j, k);
        squares += apart * apart;
      }
      result(i, j) = result(j, i) = std::sqrt(squares);
    }
  }
  return result;
}

Hierarchy build_hierarchy(const SquareMatrix& distance, Linkage linkage) {
  auto merges =
      linkage == Linkage::kSingle ? merge_nearest(distance) : NeighbourChain(distance, linkage).merges();
  return name_clusters(std::move(merges), distance.size);
}

Hierarchy turn_branches(Hierarchy hierarchy, const SquareMatrix& distance) {
  std::vector<bool> turned = BranchTurner(hierarchy, distance).turned();
  // Turning a cluster turns all that is below it as well.
  for (std::size_t place = hierarchy.merges.size(); place-- > 0;) {
    auto& merge = hierarchy.merges[place];
    if (!turned[place]) continue;
    for (const std::size_t side : {merge.left, merge.right}) {
      if (side >= hierarchy.names) turned[side - hierarchy.names] = !turned[side - hierarchy.names];
    }
    std::swap(merge.left, merge.right);
  }
  return hierarchy;
}

std::vector<std::size_t> leaf_order(const Hierarchy& hierarchy) {
  return leaves_below(hierarchy, hierarchy.names + hierarchy.merges.size() - 1);
}

std::vector<std::size_t> leaves_below(const Hierarchy& hierarchy, std::size_t cluster) {
  std::vector<std::size_t> leaves, left_over = {cluster};
  while (!left_over.empty()) {
    const std::size_t next = left_over.back();
    left_over.pop_back();
    if (next < hierarchy.names) {
      leaves.push_back(next);
      continue;
    }
    const ClusterMerge& merge = hierarchy.merges[next - hierarchy.names];
    left_over.push_back(merge.right);
    left_over.push_back(merge.left);
  }
  return leaves;
}

std::vector<std::size_t> cut_hierarchy(const Hierarchy& hierarchy, std::size_t count) {
  std::vector<std::size_t> clusters = {hierarchy.names + hierarchy.merges.size() - 1};
  while (clusters.size() < count) {
    const ClusterMerge& merge = hierarchy.merges[clusters.back() - hierarchy.names];  // the youngest
    clusters.pop_back();
    clusters.insert(clusters.end(), {merge.left, merge.right});
    std::sort(clusters.begin(), clusters.end());
  }
  return clusters;
}

std::size_t count_clusters(const Hierarchy& hierarchy, const SquareMatrix& distance, std::size_t most) {
  const auto roots = static_cast<std::size_t>(std::sqrt(static_cast<double>(hierarchy.names)));
  const std::size_t last = std::min(std::min(most, roots) + 2, hierarchy.names);
  std::vector<double> sums(last + 1, 0.0);
  for (std::size_t count = 2; count <= last; ++count) {
    for (const std::size_t cluster : cut_hierarchy(hierarchy, count)) {
      sums[count] += dispersion(distance, leaves_below(hierarchy, cluster));
    }
  }
  std::size_t best = 1;
  double largest = -kFar;
  for (std::size_t count = 2; count + 2 <= last; ++count) {
    const double bend = sums[count] + sums[count + 2] - 2.0 * sums[count + 1];
    if (bend <= largest) continue;
    largest = bend;
    best = count;
  }
  return best;
}

double inverse_variance_risk(const SquareMatrix& covariance, std::span<const std::size_t> members) {
  double sum = 0.0, variance = 0.0;
  for (const std::size_t i : members) {
    const double inverse = 1.0 / covariance(i, i);
    double across = 0.0;
    for (const std::size_t j : members) across += covariance(i, j) / covariance(j, j);
    sum += inverse;
    variance += inverse * across;
  }
  return variance / (sum * sum);
}

}  // namespace orrery
