#include "orrery/base/session_ranks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "orrery/base/random.h"

namespace orrery::session_ranks_test {
namespace {

// Values that differ by less than a float can hold, equal ones, both zeros, infinities and the largest
// doubles.
TEST(SessionRanker, OrdersDoublesAsAStableSortDoes) {
  Random random(5);
  SessionRanker ranker;
  for (const std::size_t count : {0U, 1U, 5U, 63U, 64U, 500U}) {
    std::vector<double> values(count);
    for (double& value : values) {
      const auto kind = random.below(8);
      value = std::floor(4.0 * random.normal()) + (kind == 0 ? 1e-12 * random.normal() : 0.0);
      if (kind == 1) value = -0.0;
      if (kind == 2) value = std::numeric_limits<double>::infinity();
      if (kind == 3) value = -1e300 * random.uniform();
    }
    std::vector<std::uint32_t> expected(count);
    std::iota(expected.begin(), expected.end(), 0U);
    std::stable_sort(expected.begin(), expected.end(), [&](auto a, auto b) { return values[a] < values[b]; });
    std::vector<std::uint32_t> found(count);
    ranker.order(values, found);
    EXPECT_EQ(found, expected) << count;
  }
}

}  // namespace
}  // namespace orrery::session_ranks_test
