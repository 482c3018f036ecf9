#include <fmt/format.h>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

std::string say_currencies(const CurrencyReport& report) {
  double exchange = 0.0;
  double exposure = 0.0;
  for (const CurrencyResult& result : report.results) {
    if (result.currency == report.account) continue;
    exchange += result.exchange_profit;
    exposure += result.exposure;
  }
  return fmt::format(
      "Cash, prices and returns are in {0}; what is traded in another currency is exchanged at the rate of "
      "its day, at "
      "{1:g} bp. On average {2} of the equity stood in other currencies, unhedged; what their rates "
      "against {0} did to it was {3} of the opening cash.",
      html::escape(report.account), report.exchange_bps, html::percent(exposure),
      html::signed_percent(exchange));
}

}  // namespace

std::string render_currencies(const CurrencyReport& report) {
  std::vector<std::vector<html::TableCell>> rows;
  for (const CurrencyResult& result : report.results) {
    rows.push_back({{html::escape(result.currency)},
                    {html::count(result.names)},
                    {html::percent(result.exposure)},
                    {html::signed_percent(result.price_profit)},
                    {html::signed_percent(result.exchange_profit)},
                    {html::number(result.rate_first, 4)},
                    {html::number(result.rate_last, 4)},
                    {html::signed_percent(result.rate_last / result.rate_first - 1.0)}});
  }
  return html::section(
      "currencies", "Currencies", say_currencies(report),
      html::table("By the currency that names are traded in; profits before costs, of the opening cash",
                  {{"Currency", true},
                   {"Names"},
                   {"Mean exposure"},
                   {"Profit of prices"},
                   {"Profit of the rate"},
                   {"Rate at first"},
                   {"Rate at last"},
                   {"Change of the rate"}},
                  rows));
}

}  // namespace orrery
