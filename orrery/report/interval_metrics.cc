#include "orrery/report/metric_definition.h"
#include "orrery/report/metric_parts.h"

namespace orrery {
namespace {

constexpr std::string_view kConformal = "Gibbs and Candès (2021); Lei et al. (2018)";

const MetricDefinition<IntervalCoverage> kIntervals[] = {
    {"interval_target", "fraction", "Share of outcomes that the intervals promise to hold.", kConformal,
     [](const IntervalCoverage& c) -> MetricValue { return c.target; }},
    {"interval_covered", "fraction", "Share that they held.", kConformal,
     [](const IntervalCoverage& c) -> MetricValue { return c.covered; }},
    {"interval_covered_lowest", "fraction", "Lowest mean of that over 20 sessions in a row.", kOwn,
     [](const IntervalCoverage& c) -> MetricValue { return c.lowest; }},
    {"interval_covered_highest", "fraction", "The highest.", kOwn,
     [](const IntervalCoverage& c) -> MetricValue { return c.highest; }},
    {"interval_half_width", "return", "Mean half of an interval's width.", kOwn,
     [](const IntervalCoverage& c) -> MetricValue { return c.half_width; }},
    {"interval_estimate_spread", "return",
     "Standard deviation of a session's estimates, mean over the sessions.", kOwn,
     [](const IntervalCoverage& c) -> MetricValue { return c.estimate_spread; }},
    {"interval_falling", "fraction",
     "Share of the sessions on which higher scores had been worth less over the window.", kOwn,
     [](const IntervalCoverage& c) -> MetricValue { return c.falling; }},
    {"interval_count", "intervals", "Intervals whose outcome is known.", kOwn,
     [](const IntervalCoverage& c) -> MetricValue { return count_of(c.intervals); }},
};

constexpr std::string_view kDeviation = "this project; docs/trust.md#how-unsure-the-model-is";

const MetricDefinition<DeviationJudgement> kDeviations[] = {
    {"deviation_surest_rank_ic", "correlation",
     "Mean rank IC of the fifth of each session's scores that the model is surest of.", kDeviation,
     [](const DeviationJudgement& d) -> MetricValue { return d.skill.groups.front().rank_ic; }},
    {"deviation_least_sure_rank_ic", "correlation", "The same of the fifth that it is least sure of.",
     kDeviation, [](const DeviationJudgement& d) -> MetricValue { return d.skill.groups.back().rank_ic; }},
    {"deviation_difference_t", "standard errors",
     "Mean daily difference of the two over its Newey-West standard error.", kDeviation,
     [](const DeviationJudgement& d) -> MetricValue { return d.skill.difference_t; }},
};

}  // namespace

void append_interval_metrics(const IntervalCoverage& coverage, std::vector<Metric>& metrics) {
  append_metrics(kIntervals, &coverage, metrics);
}

void append_deviation_metrics(const DeviationJudgement& deviations, std::vector<Metric>& metrics) {
  if (!deviations.skill.groups.empty()) append_metrics(kDeviations, &deviations, metrics);
}

void append_interval_reference(std::string& page) {
  append_reference(page, "Intervals", kIntervals);
  append_reference(page, "Deviations", kDeviations);
}

}  // namespace orrery
