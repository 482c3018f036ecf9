#include "orrery/ml/rank_correlation.h"

#include <cmath>
#include <numeric>

#include "orrery/ml/cross_section.h"

namespace orrery {

CentredRanks centred_ranks(std::span<const double> values) {
  CentredRanks ranks{average_ranks(values)};
  const double middle = (static_cast<double>(values.size()) + 1.0) / 2.0;
  for (double& rank : ranks.values) {
    rank -= middle;
    ranks.squares += rank * rank;
  }
  return ranks;
}

double rank_correlation(std::span<const double> x, std::span<const double> y) {
  return correlation_of(centred_ranks(x), centred_ranks(y));
}

double correlation_of(const CentredRanks& x, const CentredRanks& y) {
  const double both = std::inner_product(x.values.begin(), x.values.end(), y.values.begin(), 0.0);
  return both / std::sqrt(x.squares * y.squares);  // 0 / 0 where one does not vary
}

}  // namespace orrery
