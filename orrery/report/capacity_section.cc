#include <fmt/format.h>

#include <cmath>
#include <string_view>
#include <utility>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::signed_percent;
using html::TableCell;
using Row = std::vector<TableCell>;

/// 123456789 → "120 million": two digits are as much as the law knows.
std::string amount(double assets) {
  const double digits = std::pow(10.0, std::floor(std::log10(assets)) - 1.0);
  const double value = std::round(assets / digits) * digits;
  for (const auto& [size, name] :
       {std::pair{1e12, " trillion"}, {1e9, " billion"}, {1e6, " million"}, {1e3, " thousand"}}) {
    if (value >= size) return fmt::format("{:g}{}", value / size, name);
  }
  return fmt::format("{:g}", value);
}

std::string limit(double assets) {
  return std::isinf(assets) ? std::string("more than any amount") : "about " + amount(assets);
}

std::string say_half_sharpe(const Capacity& capacity) {
  if (!(capacity.sharpe > 0.0)) {
    return fmt::format(
        "The net Sharpe ratio is not positive even without impact ({}), so that there is none to lose to "
        "size. ",
        number(capacity.sharpe, 2));
  }
  return fmt::format("Half of the net Sharpe ratio of {} is gone at <b>{}</b>. ", number(capacity.sharpe, 2),
                     limit(capacity.assets_at_half_sharpe));
}

std::string say_no_excess(const Capacity& capacity) {
  if (std::isnan(capacity.excess_annual_return)) return {};
  if (!(capacity.excess_annual_return > 0.0)) {
    return fmt::format("It earned no more than the equal-weight universe to begin with ({} a year).",
                       signed_percent(capacity.excess_annual_return));
  }
  return fmt::format("The {} a year over the equal-weight universe is gone at <b>{}</b>.",
                     signed_percent(capacity.excess_annual_return), limit(capacity.assets_at_no_excess));
}

std::string capacity_table(const Capacity& capacity) {
  std::vector<Row> rows;
  for (const CapacityPoint& point : capacity.points) {
    rows.push_back({{amount(point.assets)},
                    {signed_percent(point.annual_return)},
                    {signed_percent(point.excess_annual_return)},
                    {number(point.sharpe, 2)},
                    {percent(point.impact_annual)},
                    {percent(point.median_participation, 2)}});
  }
  return html::table("Result by assets under management",
                     {{"Assets"},
                      {"Annual return"},
                      {"Over the universe"},
                      {"Sharpe ratio"},
                      {"Impact, a year"},
                      {"Median trade, of a day's volume"}},
                     rows);
}

std::string left_out(const Capacity& capacity) {
  if (capacity.trades_without_history == 0) return {};
  return fmt::format(
      " {} of {} trades have no volume or too few prices before them and count without impact.",
      html::count(capacity.trades_without_history), html::count(capacity.trades));
}

html::Figure capacity_figure(const Capacity& capacity) {
  html::Figure figure;
  figure.name = "capacity";
  figure.title = "Net of impact, by assets under management";
  const CapacityPoint& least = capacity.points.front();
  const CapacityPoint& most = capacity.points.back();
  figure.label = fmt::format(
      "Line chart of Sharpe ratio and annual return by assets: from {} and {} at {} to {} and {} at {}.",
      number(least.sharpe, 2), signed_percent(least.annual_return), amount(least.assets),
      number(most.sharpe, 2), signed_percent(most.annual_return), amount(most.assets));
  figure.caption = fmt::format(
      "The run's trades, scaled. Each costs {} × its name's daily volatility × √(its value ÷ the value "
      "traded in the "
      "name a day), both over the 20 sessions before it: the square-root law, on top of commission and "
      "slippage. Where "
      "the median trade nears a day's volume, the law and the fills no longer hold. Amounts are in the "
      "currency of the "
      "data.{}",
      number(capacity.impact_coefficient, 2), left_out(capacity));
  figure.numbers = capacity_table(capacity);
  return figure;
}

}  // namespace

std::string render_capacity(const StudyReport& report) {
  if (!report.sources || report.sources->capacity.points.empty() || report.sources->capacity.trades == 0)
    return {};
  const Capacity& capacity = report.sources->capacity;
  return html::section("capacity", "How much money it would carry",
                       say_half_sharpe(capacity) + say_no_excess(capacity),
                       html::figure(capacity_figure(capacity)));
}

}  // namespace orrery
