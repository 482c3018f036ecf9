#include "orrery/report/metric_definition.h"
#include "orrery/report/metric_parts.h"

namespace orrery {
namespace {

constexpr std::string_view kBootstrap = "Politis and Romano (1994)";

/// Missing where there are no paths.
double last_of(const std::vector<double>& line) {
  return line.empty() ? OutcomePaths::kMissing : line.back();
}

const MetricDefinition<OutcomePaths> kOutcomes[] = {
    {"outcome_return_low", "return", "Net return of a year: one of twenty resampled years is worse.",
     kBootstrap, [](const OutcomePaths& o) -> MetricValue { return last_of(o.low); }},
    {"outcome_return_median", "return", "Half of them are worse.", kBootstrap,
     [](const OutcomePaths& o) -> MetricValue { return last_of(o.median); }},
    {"outcome_return_high", "return", "One of twenty is better.", kBootstrap,
     [](const OutcomePaths& o) -> MetricValue { return last_of(o.high); }},
    {"outcome_loss_probability", "fraction", "Share of the resampled years that end with a loss.", kBootstrap,
     [](const OutcomePaths& o) -> MetricValue { return o.loss_probability; }},
    {"outcome_fall_median", "fraction", "Deepest fall within a year from its highest value: half are deeper.",
     kBootstrap, [](const OutcomePaths& o) -> MetricValue { return o.fall_median; }},
    {"outcome_fall_high", "fraction", "One of twenty is deeper.", kBootstrap,
     [](const OutcomePaths& o) -> MetricValue { return o.fall_high; }},
    {"outcome_block_length", "sessions", "Mean length of the blocks that years are put together from.",
     "Politis and White (2004)", [](const OutcomePaths& o) -> MetricValue { return o.block_length; }},
};

}  // namespace

void append_outcome_metrics(const OutcomePaths& outcomes, std::vector<Metric>& metrics) {
  append_metrics(kOutcomes, &outcomes, metrics);
}

void append_outcome_reference(std::string& page) { append_reference(page, "Outcomes", kOutcomes); }

}  // namespace orrery
