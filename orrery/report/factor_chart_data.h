#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "orrery/report/factor_report.h"

namespace orrery {

/// Factors that the picture of correlations shows at most.
inline constexpr std::size_t kPicturedFactors = 40;

/// Positions of the factors that the picture of correlations shows: each of the list without doubles, best
/// first, followed by those that resemble it.
std::vector<std::size_t> pictured_factors(const FactorRanking& ranking);

/// Writes what the page's charts are drawn from as one JSON object, with four to seven significant digits.
/// '<' is escaped, so that it can stand in a script element.
std::string factor_chart_data_json(const FactorReport& report);

}  // namespace orrery
