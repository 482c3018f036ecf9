#include "orrery/factor/factor_ranking.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/multiple_testing.h"

namespace orrery {
namespace {

constexpr double kSignificance = 0.05;

void count_tests(FactorRanking& ranking) {
  for (std::size_t f = 0; f < ranking.t.size(); ++f) {
    const double size = std::fabs(ranking.t[f]);
    if (std::isnan(size)) continue;
    ++ranking.tested;
    ranking.beyond_chance += size > kSignificant ? 1 : 0;
    ranking.beyond_hurdle += size > kFactorHurdle ? 1 : 0;
    ranking.discoveries += ranking.q_values[f] < kFalseDiscoveryRate ? 1 : 0;
  }
  ranking.expected_by_chance = kSignificance * static_cast<double>(ranking.tested);
}

void order_by_size(FactorRanking& ranking) {
  ranking.order.resize(ranking.t.size());
  std::iota(ranking.order.begin(), ranking.order.end(), std::size_t{0});
  const auto size = [&](std::size_t f) { return std::isnan(ranking.t[f]) ? -1.0 : std::fabs(ranking.t[f]); };
  std::stable_sort(ranking.order.begin(), ranking.order.end(),
                   [&](std::size_t a, std::size_t b) { return size(a) > size(b); });
}

void leave_out_doubles(const FactorEvaluation& evaluation, FactorRanking& ranking) {
  ranking.resembles.resize(ranking.t.size());
  for (const std::size_t candidate : ranking.order) {
    const auto resembled =
        std::find_if(ranking.distinct.begin(), ranking.distinct.end(), [&](std::size_t taken) {
          return std::fabs(evaluation.correlations(candidate, taken)) > evaluation.spec.max_correlation;
        });
    if (resembled == ranking.distinct.end()) {
      ranking.distinct.push_back(candidate);
    } else {
      ranking.resembles[candidate] =
          FactorResemblance{*resembled, evaluation.correlations(candidate, *resembled)};
    }
  }
}

}  // namespace

FactorRanking rank_factors(const FactorEvaluation& evaluation) {
  FactorRanking ranking;
  for (const auto& factor : evaluation.factors) {
    const double t = factor.horizons[evaluation.primary()].rank_ic.newey_west_t;
    ranking.t.push_back(std::isfinite(t) ? t : DailyMean::kMissing);
    ranking.p_values.push_back(two_sided_p_value(ranking.t.back()));
  }
  ranking.q_values = benjamini_hochberg(ranking.p_values);
  count_tests(ranking);
  order_by_size(ranking);
  leave_out_doubles(evaluation, ranking);
  return ranking;
}

}  // namespace orrery
