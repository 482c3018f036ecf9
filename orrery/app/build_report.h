#pragma once

#include <string>

#include "orrery/app/run_study.h"
#include "orrery/report/study_report.h"

namespace orrery {

/// Gathers what the report page shows from a finished run. `banner` marks simulated data.
StudyReport build_study_report(const Study& study, const StudyRun& run, const std::string& banner);

}  // namespace orrery
