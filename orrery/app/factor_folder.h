#pragma once

#include <filesystem>
#include <string>

#include "orrery/app/evaluate_factor_set.h"

namespace orrery {

/// Errors: kAlreadyExists when `folder` exists and holds something that is no evaluation of factors. Called
/// before the work, so that nothing is lost.
void check_factor_folder(const std::filesystem::path& folder);

/// Writes what an evaluation leaves: report.html, evaluation.json (everything), factors.csv (the ranking),
/// horizons.csv, decay.csv, by_time.csv, correlations.csv and daily.parquet. The folder appears whole or not
/// at all; an earlier evaluation there is replaced. The same job gives the same bytes apart from the
/// `runtime` block at the end of evaluation.json. Errors: as check_factor_folder; kIo.
void write_factor_folder(const FactorJob& job, const JudgedFactors& judged,
                         const std::filesystem::path& folder);

}  // namespace orrery
