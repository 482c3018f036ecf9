#include "orrery/backtest/daily_row.h"

namespace orrery {

DailyRow daily_row(const SessionReport& report, Money equity_before) {
  const double before = equity_before.units();
  const double after = report.equity.units();
  DailyRow row;
  row.date = report.session.date;
  row.equity = report.equity;
  row.cash = report.cash;
  row.commission = report.commission;
  row.slippage = report.slippage;
  row.funding = report.funding;
  row.financing = report.financing;
  row.net_return = (report.equity - equity_before).units() / before;
  row.gross_return = (report.equity - equity_before + report.commission + report.slippage).units() / before;
  row.turnover_two_way = (report.bought + report.sold).units() / before;
  row.turnover_one_way = row.turnover_two_way / 2.0;
  row.long_exposure = report.long_value.units() / after;
  row.short_exposure = report.short_value.units() / after;
  row.positions = report.positions;
  return row;
}

}  // namespace orrery
