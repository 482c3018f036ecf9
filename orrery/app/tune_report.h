#pragma once

#include <string>

#include "orrery/app/tune_study.h"
#include "orrery/report/tuning_report.h"

namespace orrery {

/// What the page of a search shows.
TuningReport build_tuning_report(const Study& study, const TuneResult& result, const std::string& banner);

/// A setting in four digits at most.
std::string shown_setting(const ParameterValue& value);

/// What the ledger makes of the best trial, in whole sentences; none where nothing can be said.
std::vector<std::string> tuning_verdict(const TuneResult& result);

}  // namespace orrery
