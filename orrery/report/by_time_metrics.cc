#include "orrery/report/metric_definition.h"
#include "orrery/report/metric_parts.h"

namespace orrery {
namespace {

const MetricDefinition<TimeSlice> kSlice[] = {
    {"rank_ic_mean", "correlation", "Mean rank IC of those days.", kOwn,
     [](const TimeSlice& s) -> MetricValue { return s.rank_ic_mean; }},
    {"rank_ic_t", "standard errors",
     "It over its Newey-West standard error, as of a dummy in a regression of all days.", kNeweyWest,
     [](const TimeSlice& s) -> MetricValue { return s.rank_ic_t; }},
    {"net_return", "fraction a year", "Mean net return of those sessions × periods_per_year.", kOwn,
     [](const TimeSlice& s) -> MetricValue { return s.net_return; }},
    {"excess_return", "fraction a year", "The same of net return minus the benchmark's.", kOwn,
     [](const TimeSlice& s) -> MetricValue { return s.excess_return; }},
    {"excess_t", "standard errors",
     "Its mean over its Newey-West standard error, as of a dummy in a regression of all sessions.",
     kNeweyWest, [](const TimeSlice& s) -> MetricValue { return s.excess_t; }},
    {"sharpe", "per root year", "Sharpe ratio of those sessions, net, over cash.", kOwn,
     [](const TimeSlice& s) -> MetricValue { return s.sharpe; }},
    {"sessions", "sessions", "How many there are.", kOwn,
     [](const TimeSlice& s) -> MetricValue { return count_of(s.sessions); }},
};

const MetricDefinition<RollingCorrelation> kRolling[] = {
    {"rolling_rank_ic_windows", "windows", "Means of the rank IC over 63 days in a row.", kOwn,
     [](const RollingCorrelation& r) -> MetricValue { return count_of(r.windows); }},
    {"rolling_rank_ic_windows_above_zero", "windows",
     "Those whose 95 % band (1.96 Newey-West standard errors) lies above 0.", kOwn,
     [](const RollingCorrelation& r) -> MetricValue { return count_of(r.above_zero); }},
    {"rolling_rank_ic_windows_below_zero", "windows", "Those whose band lies below 0.", kOwn,
     [](const RollingCorrelation& r) -> MetricValue { return count_of(r.below_zero); }},
};

const MetricDefinition<ImportanceStability> kImportance[] = {
    {"importance_rank_correlation", "correlation",
     "Spearman correlation of the features' importances in two folds, mean over all pairs of folds.", kOwn,
     [](const ImportanceStability& s) -> MetricValue { return s.mean_rank_correlation; }},
    {"importance_top_in_common", "fraction",
     "Share of a fold's 20 heaviest features (a quarter of fewer than 80) among those of another, mean over "
     "all pairs.",
     kOwn, [](const ImportanceStability& s) -> MetricValue { return s.mean_top_in_common; }},
    {"importance_top_in_every_fold", "features", "Features among the heaviest of every fold.", kOwn,
     [](const ImportanceStability& s) -> MetricValue { return count_of(s.in_every_top); }},
};

}  // namespace

void append_by_time_metrics(const ByTime& by_time, std::vector<Metric>& metrics) {
  for (const TimeGroup& group : by_time.groups) {
    for (const TimeSlice& slice : group.slices) {
      for (const auto& definition : kSlice) {
        metrics.push_back({fmt::format("{}_in_{}", definition.key, slice.key), definition.get(slice),
                           definition.unit, definition.description, definition.source});
      }
    }
  }
  append_metrics(kRolling, &by_time.rolling, metrics);
}

void append_importance_metrics(const ImportanceStability& stability, std::vector<Metric>& metrics) {
  append_metrics(kImportance, &stability, metrics);
}

void append_by_time_reference(std::string& page) {
  append_reference(page, "By time", kSlice);
  page +=
      "\nEach of these is followed by `_in_` and a part of the time: a calendar year such as `_in_2018`,\n"
      "`_in_volatility_low`, `_in_volatility_middle`, `_in_volatility_high` (terciles of the deviation of "
      "the "
      "universe's last\n21 returns, known the evening before; their bounds are hindsight), "
      "`_in_universe_rising` "
      "or `_in_universe_falling` (sign\nof those returns, compounded).\n";
  append_reference(page, "Rolling rank IC", kRolling);
  append_reference(page, "Stability of the features' importance, where the model has one", kImportance);
}

}  // namespace orrery
