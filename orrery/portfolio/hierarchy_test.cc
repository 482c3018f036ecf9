#include "orrery/portfolio/hierarchy.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <numeric>

#include "orrery/base/random.h"

namespace orrery::hierarchy_test {
namespace {

SquareMatrix random_distance(std::size_t names, std::uint64_t seed) {
  Random random(seed);
  std::vector<std::array<double, 3>> points(names);
  for (auto& point : points) {
    for (double& coordinate : point) coordinate = random.normal();
  }
  SquareMatrix distance(names);
  for (std::size_t i = 0; i < names; ++i) {
    for (std::size_t j = 0; j < names; ++j) {
      for (std::size_t k = 0; k < 3; ++k) distance(i, j) += std::pow(points[i][k] - points[j][k], 2.0);
      distance(i, j) = std::sqrt(distance(i, j));
    }
  }
  return distance;
}

/// The distance of two clusters from its definition over all pairs of members. Ward's of Euclidean points, by
/// sums of squared distances within: Δ = S(A ∪ B) / (a + b) − S(A) / a − S(B) / b, the height √(2 Δ).
double apart(const SquareMatrix& distance, const std::vector<std::size_t>& one,
             const std::vector<std::size_t>& other, Linkage linkage) {
  double least = std::numeric_limits<double>::infinity(), most = 0.0, sum = 0.0;
  for (const auto i : one) {
    for (const auto j : other) {
      least = std::min(least, distance(i, j));
      most = std::max(most, distance(i, j));
      sum += distance(i, j);
    }
  }
  if (linkage == Linkage::kSingle) return least;
  if (linkage == Linkage::kComplete) return most;
  if (linkage == Linkage::kAverage) return sum / static_cast<double>(one.size() * other.size());
  const auto within = [&distance](const std::vector<std::size_t>& members) {
    double squares = 0.0;
    for (const auto i : members) {
      for (const auto j : members) squares += 0.5 * distance(i, j) * distance(i, j);
    }
    return squares / static_cast<double>(members.size());
  };
  std::vector<std::size_t> both = one;
  both.insert(both.end(), other.begin(), other.end());
  return std::sqrt(2.0 * (within(both) - within(one) - within(other)));
}

class EveryLinkage : public ::testing::TestWithParam<Linkage> {};

TEST_P(EveryLinkage, MergesTheNearestAsTheSlowDefinitionDoes) {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const SquareMatrix distance = random_distance(25, seed);
    const Hierarchy tree = build_hierarchy(distance, GetParam());
    ASSERT_EQ(tree.merges.size(), 24U);
    std::vector<std::vector<std::size_t>> clusters;
    for (std::size_t i = 0; i < distance.size; ++i) clusters.push_back({i});
    for (std::size_t place = 0; place < tree.merges.size(); ++place) {
      std::size_t best_one = 0, best_other = 1;
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t i = 0; i < clusters.size(); ++i) {
        for (std::size_t j = i + 1; j < clusters.size(); ++j) {
          const double tried = apart(distance, clusters[i], clusters[j], GetParam());
          if (tried >= least) continue;
          least = tried;
          best_one = i;
          best_other = j;
        }
      }
      clusters[best_one].insert(clusters[best_one].end(), clusters[best_other].begin(),
                                clusters[best_other].end());
      auto expected = clusters[best_one], found = leaves_below(tree, distance.size + place);
      clusters.erase(clusters.begin() + static_cast<std::ptrdiff_t>(best_other));
      std::sort(expected.begin(), expected.end());
      std::sort(found.begin(), found.end());
      ASSERT_EQ(found, expected);
      ASSERT_NEAR(tree.merges[place].height, least, 1e-12 * 25.0);
    }
  }
}

TEST_P(EveryLinkage, TurningBranchesKeepsTheClustersAndShortensTheWay) {
  const auto way = [](const SquareMatrix& distance, const Hierarchy& tree) {
    const auto order = leaf_order(tree);
    double sum = 0.0;
    for (std::size_t i = 1; i < order.size(); ++i) sum += distance(order[i - 1], order[i]);
    return sum;
  };
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const SquareMatrix distance = random_distance(40, seed);
    const Hierarchy tree = build_hierarchy(distance, GetParam()), turned = turn_branches(tree, distance);
    EXPECT_LT(way(distance, turned), way(distance, tree));
    for (std::size_t cluster = 0; cluster < 79; ++cluster) {
      auto before = leaves_below(tree, cluster), after = leaves_below(turned, cluster);
      std::sort(before.begin(), before.end());
      std::sort(after.begin(), after.end());
      EXPECT_EQ(before, after);
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Linkages, EveryLinkage,
                         ::testing::Values(Linkage::kSingle, Linkage::kComplete, Linkage::kAverage,
                                           Linkage::kWard));

// Three pairs far from each other: two names each, or all alone.
TEST(Hierarchy, IsCutWhereTheLastMergesWere) {
  SquareMatrix distance(6);
  for (std::size_t i = 0; i < 6; ++i) {
    for (std::size_t j = 0; j < 6; ++j) {
      if (i != j) distance(i, j) = i / 2 == j / 2 ? 0.1 + 0.01 * static_cast<double>(i / 2) : 1.0;
    }
  }
  const Hierarchy tree = build_hierarchy(distance, Linkage::kAverage);
  EXPECT_EQ(cut_hierarchy(tree, 1), (std::vector<std::size_t>{10}));
  EXPECT_EQ(cut_hierarchy(tree, 3), (std::vector<std::size_t>{6, 7, 8}));
  EXPECT_EQ(cut_hierarchy(tree, 4), (std::vector<std::size_t>{4, 5, 6, 7}));
  EXPECT_EQ(cut_hierarchy(tree, 6), (std::vector<std::size_t>{0, 1, 2, 3, 4, 5}));
}

TEST(Hierarchy, OfOneNameIsThatName) {
  const Hierarchy tree = build_hierarchy(SquareMatrix(1), Linkage::kSingle);
  EXPECT_EQ(leaf_order(tree), (std::vector<std::size_t>{0}));
  EXPECT_EQ(cut_hierarchy(tree, count_clusters(tree, SquareMatrix(1))), (std::vector<std::size_t>{0}));
}

}  // namespace
}  // namespace orrery::hierarchy_test
