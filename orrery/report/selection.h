#pragma once

#include <string>
#include <vector>

#include "orrery/ml/feature_selection.h"
#include "orrery/report/metrics.h"

namespace orrery {

/// Appends what a run's selections of features say, one selection a fold; nothing without any.
void append_selection_metrics(const std::vector<FeatureSelection>& selections, std::vector<Metric>& metrics);

/// The part of docs/metrics.md about these.
std::string selection_metrics_reference();

}  // namespace orrery
