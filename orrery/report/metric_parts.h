#pragma once

#include <string>
#include <vector>

#include "orrery/data/survivorship.h"
#include "orrery/report/metrics.h"

namespace orrery {

/// Parts of metrics.json and docs/metrics.md that have a file each.

void append_survivorship_metrics(const Survivorship& survivorship, std::vector<Metric>& metrics);
void append_survivorship_reference(std::string& page);

}  // namespace orrery
