#include "orrery/ml/member_weights.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/threads.h"

namespace orrery {
namespace {

using Shares = std::vector<std::size_t>;

std::vector<double> equal_weights(std::size_t members) {
  return std::vector<double>(members, 1.0 / static_cast<double>(members));
}

/// The next way to share the same parts, in lexicographic order; false after the last, which gives all to the
/// first.
bool next_shares(Shares& shares) {
  const std::size_t last = shares.size() - 1;
  const auto holder = std::find_if(shares.rbegin(), shares.rend(), [](std::size_t n) { return n > 0; });
  const auto position = static_cast<std::size_t>(shares.rend() - holder) - 1;
  if (position == 0) return false;
  const std::size_t moved = shares[position];
  shares[position] = 0;
  ++shares[position - 1];
  shares[last] = moved - 1;
  return true;
}

std::vector<Shares> all_shares(std::size_t members, std::size_t parts) {
  Shares shares(members, 0);
  shares.back() = parts;
  std::vector<Shares> all;
  do {
    all.push_back(shares);
  } while (next_shares(shares));
  return all;
}

std::size_t unevenness(const Shares& shares) {
  return std::inner_product(shares.begin(), shares.end(), shares.begin(), std::size_t{0});
}

std::vector<double> weights_of(const Shares& shares, std::size_t parts) {
  std::vector<double> weights;
  for (const std::size_t share : shares)
    weights.push_back(static_cast<double>(share) / static_cast<double>(parts));
  return weights;
}

}  // namespace

std::vector<double> weights_by_skill(const std::vector<double>& skill) {
  std::vector<double> weights;
  for (const double one : skill) weights.push_back(one > 0.0 ? one : 0.0);
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  if (total <= 0.0) return equal_weights(skill.size());
  for (double& weight : weights) weight /= total;
  return weights;
}

std::size_t count_shares(std::size_t members, std::size_t parts, std::size_t limit) {
  // The binomial of parts + members - 1 over members - 1, a factor at a time: each is whole.
  std::size_t count = 1;
  for (std::size_t k = 1; k < members; ++k) {
    count = count * (parts + k) / k;
    if (count > limit) return limit + 1;
  }
  return count;
}

std::vector<double> weights_by_grid(const std::vector<std::vector<double>>& scores, const RankIc& judge,
                                    std::size_t parts, int threads) {
  const auto all = all_shares(scores.size(), parts);
  std::vector<double> skill(all.size());
  parallel_for(all.size(), threads, [&](std::size_t point) {
    const auto weights = weights_of(all[point], parts);
    std::vector<double> sum(scores.front().size(), 0.0);
    for (std::size_t member = 0; member < scores.size(); ++member) {
      for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += weights[member] * scores[member][i];
    }
    skill[point] = judge(sum);
  });
  std::size_t best = all.size();
  for (std::size_t point = 0; point < all.size(); ++point) {
    if (std::isnan(skill[point])) continue;
    const bool better = best == all.size() || skill[point] > skill[best] ||
                        (skill[point] == skill[best] && unevenness(all[point]) < unevenness(all[best]));
    if (better) best = point;
  }
  return best == all.size() ? equal_weights(scores.size()) : weights_of(all[best], parts);
}

}  // namespace orrery
