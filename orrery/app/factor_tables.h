#pragma once

#include <string>

#include "orrery/data/table.h"
#include "orrery/report/factor_report.h"

namespace orrery {

/// The tables of an evaluation as CSV: a header, one line a row, numbers with all their digits, missing ones
/// empty.
std::string ranking_csv(const FactorReport& report);       ///< a row a factor, best first
std::string horizons_csv(const FactorReport& report);      ///< a row a factor and horizon
std::string decay_csv(const FactorReport& report);         ///< a row a factor and session behind the entry
std::string by_time_csv(const FactorReport& report);       ///< a row a factor and slice of the time
std::string correlations_csv(const FactorReport& report);  ///< a row and a column a factor

/// Daily series: date, factor, horizon, ic, rank_ic, long_short; NaN where a day is left out.
Table daily_table(const FactorEvaluation& evaluation);

}  // namespace orrery
