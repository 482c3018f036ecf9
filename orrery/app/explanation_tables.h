#pragma once

#include <filesystem>

#include "orrery/app/run_study.h"

namespace orrery {

/// Writes what a run's models look at into a folder, which is made: features.parquet (a row a fold and
/// feature), dependence.parquet (a row a fold, feature and value), and of each fold contributions_N.parquet
/// (a row a cell: date, symbol, base_value, then a column a feature). Nothing where nobody asked. Errors:
/// kIo.
void write_explanation(const StudyExplanation& explanation, const MarketData& market,
                       const std::filesystem::path& folder);

}  // namespace orrery
