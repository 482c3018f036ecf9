#include "orrery/report/robustness.h"

#include <algorithm>

#include "orrery/base/statistics.h"
#include "orrery/report/metric_definition.h"
#include "orrery/report/metric_parts.h"

namespace orrery {
namespace {

using Path = RobustnessPath;

RobustnessRange range_of(const Robustness& robustness, double Path::*number) {
  return robustness_range(robustness, number);
}

const MetricDefinition<Robustness> kRobustness[] = {
    {"robustness_paths", "paths",
     "Ways through the sample that the cross-validation makes; 1 for purged_kfold.",
     "López de Prado (2018), sec. 12.4",
     [](const Robustness& r) -> MetricValue { return static_cast<std::int64_t>(r.paths.size()); }},
    {"robustness_splits", "models", "Models fitted for it.", kOwn,
     [](const Robustness& r) -> MetricValue { return static_cast<std::int64_t>(r.splits); }},
    {"robustness_embargo", "sessions", "Left out after each tested block, on top of the label's span.", kOwn,
     [](const Robustness& r) -> MetricValue { return static_cast<std::int64_t>(r.embargo_rows); }},
    {"robustness_ic_lowest", "correlation", "Lowest mean IC of a path.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::ic_mean).lowest; }},
    {"robustness_ic_median", "correlation", "The median.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::ic_mean).median; }},
    {"robustness_ic_highest", "correlation", "The highest.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::ic_mean).highest; }},
    {"robustness_rank_ic_lowest", "correlation", "Lowest mean rank IC of a path.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::rank_ic_mean).lowest; }},
    {"robustness_rank_ic_median", "correlation", "The median.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::rank_ic_mean).median; }},
    {"robustness_rank_ic_highest", "correlation", "The highest.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::rank_ic_mean).highest; }},
    {"robustness_long_short_sharpe_lowest", "per root year",
     "Lowest annualised Sharpe ratio of a path's highest less lowest fifth, before costs.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::long_short_sharpe).lowest; }},
    {"robustness_long_short_sharpe_median", "per root year", "The median.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::long_short_sharpe).median; }},
    {"robustness_long_short_sharpe_highest", "per root year", "The highest.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::long_short_sharpe).highest; }},
    {"robustness_sharpe_lowest", "per root year",
     "Lowest net Sharpe ratio of the study's strategy on a path, holdings begun anew at every join.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::sharpe).lowest; }},
    {"robustness_sharpe_median", "per root year", "The median.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::sharpe).median; }},
    {"robustness_sharpe_highest", "per root year", "The highest.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::sharpe).highest; }},
    {"robustness_sharpe_std", "per root year", "Standard deviation (n - 1) over the paths.", kOwn,
     [](const Robustness& r) -> MetricValue { return range_of(r, &Path::sharpe).deviation; }},
};

}  // namespace

RobustnessRange robustness_range(const Robustness& robustness, double Path::*number) {
  std::vector<double> values;
  for (const Path& path : robustness.paths) values.push_back(path.*number);
  values = drop_missing(values);
  if (values.empty()) return {};
  const auto [low, high] = std::minmax_element(values.begin(), values.end());
  return {*low, quantile(values, 0.5), *high, standard_deviation(values)};
}

void append_robustness_metrics(const Robustness& robustness, std::vector<Metric>& metrics) {
  append_metrics(kRobustness, &robustness, metrics);
}

void append_robustness_reference(std::string& page) {
  append_reference(page, "Robustness, not tradable history", kRobustness);
  page +=
      "\nPresent when the study has a key `robustness` ([docs/study.md](study.md#robustness)). Paths share "
      "their\ntraining data, so that their spread understates what another history would have given.\n";
}

}  // namespace orrery
