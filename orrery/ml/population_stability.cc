#include "orrery/ml/population_stability.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

/// Shares of counts, none of them 0; empty without any.
std::vector<double> shares_of(std::vector<double> counts) {
  const double total = std::accumulate(counts.begin(), counts.end(), 0.0);
  if (total == 0.0) return {};
  for (double& count : counts) count = count == 0.0 ? PopulationStability::kEmptyShare : count / total;
  return counts;
}

/// A cut at the largest value leaves all below it in one bin with it: the next smaller value becomes a cut
/// too.
void set_largest_apart(const std::vector<double>& sorted, std::vector<double>& cuts) {
  if (cuts.empty() || cuts.back() != sorted.back()) return;
  const auto largest = std::lower_bound(sorted.begin(), sorted.end(), sorted.back());
  if (largest == sorted.begin()) return;  // all are equal
  const double next = *(largest - 1);
  if (cuts.size() < 2 || cuts[cuts.size() - 2] < next) cuts.insert(cuts.end() - 1, next);
}

double index_between(const std::vector<double>& expected, const std::vector<double>& actual) {
  if (expected.empty() || actual.empty()) return std::numeric_limits<double>::quiet_NaN();
  double index = 0.0;
  for (std::size_t i = 0; i < actual.size(); ++i)
    index += (actual[i] - expected[i]) * std::log(actual[i] / expected[i]);
  return index;
}

}  // namespace

PopulationStability::PopulationStability(std::span<const double> reference, int bins) {
  if (bins < 2) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("there must be at least 2 bins, found {}", bins));
  }
  auto sorted = drop_missing(reference);
  if (!std::is_sorted(sorted.begin(), sorted.end())) std::sort(sorted.begin(), sorted.end());
  for (int i = 1; i < bins && !sorted.empty(); ++i)
    cuts_.push_back(sorted_quantile(sorted, static_cast<double>(i) / bins));
  cuts_.erase(std::unique(cuts_.begin(), cuts_.end()), cuts_.end());
  set_largest_apart(sorted, cuts_);
  reference_ = counts_of(sorted);
}

std::vector<double> PopulationStability::counts_of(std::span<const double> values) const {
  std::vector<double> counts(bins());
  for (const double value : values) {
    if (!std::isfinite(value)) continue;
    const auto bin = std::lower_bound(cuts_.begin(), cuts_.end(), value) - cuts_.begin();
    counts[static_cast<std::size_t>(bin)] += 1.0;
  }
  return counts;
}

double PopulationStability::index(std::span<const double> values) const {
  return index_between(shares_of(reference_), shares_of(counts_of(values)));
}

double PopulationStability::index_of_part(std::span<const double> values) const {
  const auto part = counts_of(values);
  auto rest = reference_;
  for (std::size_t i = 0; i < rest.size(); ++i) rest[i] -= part[i];
  return index_between(shares_of(rest), shares_of(part));
}

}  // namespace orrery
