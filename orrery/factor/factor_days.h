#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "orrery/base/progress.h"
#include "orrery/factor/factor_evaluation.h"
#include "orrery/factor/session_row.h"

namespace orrery {

/// What is measured of one factor day by day, before it is summed up. Rows: judged days; NaN: left out.
struct FactorDays {
  Panel ic;               ///< [day × horizon]
  Panel rank_ic;          ///< [day × horizon]
  Panel neutral_ic;       ///< [day × (neutralization, horizon)]
  Panel neutral_rank_ic;  ///< the same
  Panel lagged_rank_ic;   ///< [day × session behind the entry]
  Panel quantile_mean;    ///< [day × (horizon, group)]
  Panel names_mean;       ///< [day × horizon]: mean return of the names in groups
  Panel quantile_names;   ///< [day × group]: names in the group
  std::vector<int> names;
  std::vector<std::uint8_t> has_spread;  ///< by day
  MaskPanel groups;                      ///< [day × instrument]: from 0, kNoQuantile where there is none
};

/// The judged rows and what is measured on each.
struct DayPlan {
  const EvaluationMarket& market;
  const FactorEvaluationSpec& spec;
  RowRange rows;
  std::vector<Neutralization> neutralizations;
};

/// Measures a block of factors on every judged day, and replaces their values on these rows by the ranks of
/// the day's eligible names. `eligible_names`: by day, filled.
std::vector<FactorDays> measure_days(const DayPlan& plan, FactorFrame& factors,
                                     std::vector<int>& eligible_names, int threads, Progress& progress);

/// Replaces the values of the judged rows by the ranks of the day's eligible names.
void rank_days(const DayPlan& plan, FactorFrame& factors, int threads);

}  // namespace orrery
