#pragma once

#include <string>
#include <vector>

#include "orrery/data/survivorship.h"
#include "orrery/ml/outcome_paths.h"
#include "orrery/report/by_time.h"
#include "orrery/report/importance_stability.h"
#include "orrery/report/interval_coverage.h"
#include "orrery/report/metrics.h"
#include "orrery/report/return_sources.h"
#include "orrery/report/robustness.h"
#include "orrery/report/seed_spread.h"

namespace orrery {

/// Parts of metrics.json and docs/metrics.md that have a file each.

void append_survivorship_metrics(const Survivorship& survivorship, std::vector<Metric>& metrics);
void append_survivorship_reference(std::string& page);

void append_by_time_metrics(const ByTime& by_time, std::vector<Metric>& metrics);
void append_importance_metrics(const ImportanceStability& stability, std::vector<Metric>& metrics);
/// Of both.
void append_by_time_reference(std::string& page);

void append_interval_metrics(const IntervalCoverage& coverage, std::vector<Metric>& metrics);
/// Nothing where no session could be split.
void append_deviation_metrics(const DeviationJudgement& deviations, std::vector<Metric>& metrics);
/// Of both.
void append_interval_reference(std::string& page);
void append_outcome_metrics(const OutcomePaths& outcomes, std::vector<Metric>& metrics);
void append_outcome_reference(std::string& page);

void append_seed_metrics(const SeedSpread& spread, std::vector<Metric>& metrics);
void append_seed_reference(std::string& page);

void append_robustness_metrics(const Robustness& robustness, std::vector<Metric>& metrics);
void append_robustness_reference(std::string& page);

/// Attribution, exposure and capacity.
void append_source_metrics(const ReturnSources& sources, std::vector<Metric>& metrics);
void append_source_reference(std::string& page);

}  // namespace orrery
