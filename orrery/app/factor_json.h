#pragma once

#include <filesystem>
#include <string>

#include "orrery/app/evaluate_factor_set.h"

namespace orrery {

/// Everything that an evaluation says, as one JSON object: settings, data, counts, every factor with its
/// horizons, decay and results by time, and the list without doubles. Missing and infinite numbers are null.
/// The last member, `runtime`, alone differs between two evaluations of the same job.
std::string evaluation_json(const FactorJob& job, const JudgedFactors& judged);

/// What the command prints: folder, counts, the ranking with each factor's main numbers, the ledger's
/// verdict.
std::string factor_summary_json(const JudgedFactors& judged, const std::filesystem::path& folder);

}  // namespace orrery
