#pragma once

#include <vector>

#include "orrery/backtest/currency_profits.h"
#include "orrery/report/currency_report.h"

namespace orrery {

/// Sums a run's currencies up. `market.currencies` must not be empty.
CurrencyReport currency_report(const std::vector<CurrencyDay>& days, const MarketData& market,
                               const BacktestConfig& config);

}  // namespace orrery
