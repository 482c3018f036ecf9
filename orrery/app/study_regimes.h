#pragma once

#include <optional>

#include "orrery/app/study.h"
#include "orrery/base/config.h"
#include "orrery/data/table.h"
#include "orrery/portfolio/scaled_strategy.h"

namespace orrery {

/// Reads the study's `regimes` section; nothing where there is none.
std::optional<RegimeChoice> read_regimes(ConfigReader& study, const Plugins& plugins,
                                         ConfigProblems& problems);

/// Sessions of a year by the study's calendar; 252 where that is its file, whose days would be known at its
/// end only.
double sessions_per_year(const Study& study);

/// Refuses a symbol for the market that the data has not, before anything is learned. Errors: kNotFound, with
/// the nearest.
void check_regime_symbol(const Study& study, const MarketData& market);

/// Tells the regimes of the market's sessions; nothing for a study without.
std::optional<RegimeHistory> study_regimes(const Study& study, const MarketData& market);

/// What the regimes do to the portfolio, by session. Strategy 0 is the study's own, then those of the regimes
/// that have one, in their order.
PortfolioGate regime_gate(const RegimeChoice& choice, const RegimeHistory& history);

/// `regimes.parquet`: date, regime, gross, one column `probability_NAME` a regime, and the inputs.
Table regimes_table(const RegimeChoice& choice, const RegimeHistory& history, const std::vector<Date>& dates);

}  // namespace orrery
