#include "orrery/report/metric_definition.h"
#include "orrery/report/metric_parts.h"

namespace orrery {
namespace {

const MetricDefinition<Survivorship> kNames[] = {
    {"names", "tickers", "Names with a bar in the price file.", kOwn,
     [](const Survivorship& s) -> MetricValue { return count_of(s.names); }},
    {"names_starting_later", "tickers", "Those whose first bar comes after the first session.", kOwn,
     [](const Survivorship& s) -> MetricValue { return count_of(s.names_starting_later); }},
    {"names_ending_early", "tickers", "Those whose last bar comes before the last session.", kOwn,
     [](const Survivorship& s) -> MetricValue { return count_of(s.names_ending_early); }},
};

const MetricDefinition<IndexCoverage> kIndex[] = {
    {"index_members", "tickers",
     "Names that belonged to the index on some day from the first to the last session of the file.", kOwn,
     [](const IndexCoverage& c) -> MetricValue { return count_of(c.members); }},
    {"index_members_without_prices", "tickers", "Those of which the file has no bar.", kOwn,
     [](const IndexCoverage& c) -> MetricValue { return count_of(c.members_without_prices); }},
    {"rows_before_joining_share", "fraction",
     "Bars of names that don't belong to the index on that session but will on a later day, over all bars.",
     kOwn, [](const IndexCoverage& c) -> MetricValue { return c.not_yet_share(); }},
};

}  // namespace

void append_survivorship_metrics(const Survivorship& survivorship, std::vector<Metric>& metrics) {
  append_metrics(kNames, &survivorship, metrics);
  if (!survivorship.index) return;
  append_metrics(kIndex, &*survivorship.index, metrics);
  for (const IndexCoverage& year : survivorship.years) {
    metrics.push_back({fmt::format("rows_before_joining_share_{}", year_month_day(year.first).year),
                       year.not_yet_share(), "fraction", "The same of that calendar year's bars.", kOwn});
  }
}

void append_survivorship_reference(std::string& page) {
  append_reference(page, "Survivorship", kNames);
  append_reference(page, "Survivorship, where the index's members are known", kIndex);
  page += "\nFor each calendar year y there is also `rows_before_joining_share_y`.\n";
}

}  // namespace orrery
