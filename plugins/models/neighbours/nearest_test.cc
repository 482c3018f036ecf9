#include "plugins/models/neighbours/nearest.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/base/random.h"

namespace orrery::nearest_test {
namespace {

using plugins::models::neighbours::Neighbour;
using plugins::models::neighbours::PointCloud;

std::vector<double> whole_numbers(std::size_t count, std::uint64_t seed) {
  Random random(seed);
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(static_cast<double>(random.below(5)));
  return values;
}

/// All distances, sorted. Whole numbers: exact, with many ties.
std::vector<Neighbour> slow_nearest(std::span<const double> points, std::span<const double> query,
                                    std::size_t count) {
  std::vector<Neighbour> all;
  for (std::size_t i = 0; i * query.size() < points.size(); ++i) {
    double sum = 0.0;
    for (std::size_t d = 0; d < query.size(); ++d)
      sum += std::pow(points[i * query.size() + d] - query[d], 2.0);
    all.push_back({sum, static_cast<std::uint32_t>(i)});
  }
  std::sort(all.begin(), all.end());
  all.resize(count);
  return all;
}

TEST(PointCloud, FindsWhatSortingAllDistancesFinds) {
  for (const std::size_t dimensions : {1u, 3u, 16u, 37u}) {
    for (const std::size_t size : {1u, 15u, 16u, 200u}) {
      const auto points = whole_numbers(size * dimensions, size);
      const auto queries = whole_numbers(20 * dimensions, 99);
      const PointCloud cloud(points, dimensions);
      for (const std::size_t count : {std::size_t{1}, std::min<std::size_t>(size, 7), size}) {
        std::vector<Neighbour> found(20 * count);
        cloud.nearest(queries, count, found);
        for (std::size_t q = 0; q < 20; ++q) {
          const auto query = std::span(queries).subspan(q * dimensions, dimensions);
          const auto own = std::span(found).subspan(q * count, count);
          EXPECT_EQ(std::vector(own.begin(), own.end()), slow_nearest(points, query, count))
              << dimensions << " dimensions, " << size << " points, " << count << " asked for";
        }
      }
    }
  }
}

TEST(PointCloud, HasNoNeighboursOfWhatIsMissing) {
  const PointCloud cloud(whole_numbers(60, 1), 2);
  const std::vector<double> queries = {1.0, std::nan(""), 2.0, 2.0, std::numeric_limits<double>::infinity(),
                                       0.0};
  std::vector<Neighbour> found(3);
  cloud.nearest(queries, 1, found);
  EXPECT_TRUE(std::isnan(found[0].squared_distance));
  EXPECT_TRUE(std::isfinite(found[1].squared_distance));
  EXPECT_TRUE(std::isnan(found[2].squared_distance));
}

}  // namespace
}  // namespace orrery::nearest_test
