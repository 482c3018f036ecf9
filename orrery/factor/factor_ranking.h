#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "orrery/factor/factor_evaluation.h"

namespace orrery {

/// A t below which a newly found factor should not be believed, since so many have been looked for.
/// Source: Harvey, Liu and Zhu (2016), "… and the Cross-Section of Expected Returns".
inline constexpr double kFactorHurdle = 3.0;
inline constexpr double kFalseDiscoveryRate = 0.05;

/// A factor further up in the ranking that another one resembles.
struct FactorResemblance {
  std::size_t factor = 0;
  double correlation = std::numeric_limits<double>::quiet_NaN();
};

/// Factors in the order of what speaks for them, and what chance makes of so many. All by the Newey-West t of
/// the mean rank IC at the primary horizon; vectors are by factor unless said otherwise.
struct FactorRanking {
  std::vector<std::size_t> order;     ///< largest |t| first; those without one at the end, in their order
  std::vector<double> t;              ///< NaN: not computable
  std::vector<double> p_values;       ///< two-sided, normal
  std::vector<double> q_values;       ///< Benjamini and Hochberg
  std::size_t tested = 0;             ///< factors with a t
  double expected_by_chance = 0.0;    ///< of so many without any skill, those with |t| > 1.96: 5 %
  std::size_t beyond_chance = 0;      ///< with |t| > 1.96
  std::size_t beyond_hurdle = 0;      ///< with |t| > kFactorHurdle
  std::size_t discoveries = 0;        ///< with a q-value under kFalseDiscoveryRate
  std::vector<std::size_t> distinct;  ///< list without doubles, largest |t| first
  std::vector<std::optional<FactorResemblance>> resembles;  ///< nothing: in the list without doubles
};

/// Ranks the factors of an evaluation. The list without doubles is taken greedily from the largest |t| down:
/// a factor is left out when its correlation with one taken before is above the spec's largest one in size;
/// it then resembles the first such one.
FactorRanking rank_factors(const FactorEvaluation& evaluation);

}  // namespace orrery
