#include "orrery/report/metric_definition.h"
#include "orrery/report/metric_parts.h"

namespace orrery {
namespace {

const MetricDefinition<SeedSpread> kSeeds[] = {
    {"seeds", "seeds",
     "How many seeds the model was fitted with, the run's own included; 1 when another one gave the same "
     "scores.",
     kOwn,
     [](const SeedSpread& s) -> MetricValue {
       return static_cast<std::int64_t>(s.model_depends_on_seed ? s.results.size() : 1);
     }},
    {"seed_ic_lowest", "correlation", "Lowest ic_mean over the seeds.", kOwn,
     [](const SeedSpread& s) -> MetricValue { return seed_range(s, &SeedResult::ic_mean).lowest; }},
    {"seed_ic_highest", "correlation", "The highest.", kOwn,
     [](const SeedSpread& s) -> MetricValue { return seed_range(s, &SeedResult::ic_mean).highest; }},
    {"seed_ic_std", "correlation", "Standard deviation (n - 1) over the seeds.", kOwn,
     [](const SeedSpread& s) -> MetricValue { return seed_range(s, &SeedResult::ic_mean).deviation; }},
    {"seed_rank_ic_lowest", "correlation", "Lowest rank_ic_mean over the seeds.", kOwn,
     [](const SeedSpread& s) -> MetricValue { return seed_range(s, &SeedResult::rank_ic_mean).lowest; }},
    {"seed_rank_ic_highest", "correlation", "The highest.", kOwn,
     [](const SeedSpread& s) -> MetricValue { return seed_range(s, &SeedResult::rank_ic_mean).highest; }},
    {"seed_rank_ic_std", "correlation", "Standard deviation (n - 1) over the seeds.", kOwn,
     [](const SeedSpread& s) -> MetricValue { return seed_range(s, &SeedResult::rank_ic_mean).deviation; }},
    {"seed_sharpe_lowest", "per root year", "Lowest net Sharpe ratio over the seeds.", kOwn,
     [](const SeedSpread& s) -> MetricValue { return seed_range(s, &SeedResult::sharpe).lowest; }},
    {"seed_sharpe_median", "per root year", "The median.", kOwn,
     [](const SeedSpread& s) -> MetricValue { return seed_range(s, &SeedResult::sharpe).median; }},
    {"seed_sharpe_highest", "per root year", "The highest.", kOwn,
     [](const SeedSpread& s) -> MetricValue { return seed_range(s, &SeedResult::sharpe).highest; }},
    {"seed_sharpe_std", "per root year", "Standard deviation (n - 1) over the seeds.", kOwn,
     [](const SeedSpread& s) -> MetricValue { return seed_range(s, &SeedResult::sharpe).deviation; }},
};

}  // namespace

void append_seed_metrics(const SeedSpread& spread, std::vector<Metric>& metrics) {
  append_metrics(kSeeds, &spread, metrics);
}

void append_seed_reference(std::string& page) {
  append_reference(page, "Seeds of the model", kSeeds);
  page += "\nPresent unless the study says `seeds: 1` or `baselines: false`. Seeds are no trials.\n";
}

}  // namespace orrery
