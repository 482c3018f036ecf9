#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/ml/deviation_skill.h"

namespace orrery {

/// How often the intervals given with the scores held what came. Shares are fractions of intervals whose
/// outcome is known; NaN: not computable.
struct IntervalCoverage {
  enum class Method : std::uint8_t { kAdaptive, kSplit, kQuantiles };

  Method method = Method::kAdaptive;
  double target = 0.9;
  int window = 0;             ///< sessions that an interval learns from, at most
  std::vector<Date> dates;    ///< sessions with such intervals, ascending
  std::vector<double> daily;  ///< share covered of each session
  std::size_t intervals = 0;
  double covered = kMissing;          ///< of all intervals
  double half_width = kMissing;       ///< mean half of an interval's width
  double estimate_spread = kMissing;  ///< mean over the sessions of the deviation of their estimates
  double falling = kMissing;          ///< share of the sessions where higher scores had been worth less
  int rolling = 0;                    ///< sessions of the means below
  double lowest = kMissing;           ///< of the means of so many sessions in a row
  double highest = kMissing;

  static constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();
};

/// How unsure the models say their scores are, and whether that tells anything.
struct DeviationJudgement {
  std::string method;           ///< such as "MC dropout"
  bool includes_noise = false;  ///< the deviation of the label around the score, not of the score alone
  DeviationSkill skill;
};

/// Renders the section "How sure"; nothing without intervals and deviations. Null: not known.
std::string render_intervals(const IntervalCoverage* coverage, const DeviationJudgement* deviations);

}  // namespace orrery
