#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::signed_percent;
using html::TableCell;

constexpr std::array<const char*, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
/// The strongest tint that keeps the cell's text readable in both themes.
constexpr double kStrongestTint = 0.48;

double largest_month(const Performance& p) {
  double largest = 0.0;
  for (const PeriodReturn& month : p.monthly) largest = std::max(largest, std::abs(month.net));
  return largest;
}

std::string heat_cell(double value, double largest) {
  const double strength = largest > 0.0 ? kStrongestTint * std::abs(value) / largest : 0.0;
  return fmt::format("<td class=\"{}\" style=\"--strength:{:.3f}\">{}</td>", value < 0.0 ? "down" : "up",
                     strength, signed_percent(value));
}

std::string heat_row(const Performance& p, const PeriodReturn& year, double largest) {
  std::string html = fmt::format("<tr><th scope=\"row\">{}</th>", year.year);
  for (int month = 1; month <= 12; ++month) {
    const auto found = std::find_if(p.monthly.begin(), p.monthly.end(), [&](const PeriodReturn& entry) {
      return entry.year == year.year && entry.month == month;
    });
    html += found == p.monthly.end() ? "<td></td>" : heat_cell(found->net, largest);
  }
  html += fmt::format("<td class=\"total\">{}</td>", signed_percent(year.net));
  if (!p.benchmark_equity.empty())
    html += fmt::format("<td class=\"total beside\">{}</td>", signed_percent(year.benchmark));
  return html + "</tr>\n";
}

std::string render_months(const Performance& p) {
  std::string html =
      "<figure><h3>Monthly returns</h3><div class=\"scroll\" tabindex=\"0\" role=\"region\" "
      "aria-label=\"Monthly "
      "returns\"><table class=\"heat\"><caption class=\"hidden\">Net return by calendar "
      "month</caption><thead><tr>"
      "<th scope=\"col\"><span class=\"hidden\">Year</span></th>";
  for (const char* month : kMonths) html += fmt::format("<th scope=\"col\">{}</th>", month);
  html += "<th scope=\"col\">Year</th>";
  if (!p.benchmark_equity.empty()) html += "<th scope=\"col\">Universe</th>";
  html += "</tr></thead><tbody>\n";
  const double largest = largest_month(p);
  for (const PeriodReturn& year : p.yearly) html += heat_row(p, year, largest);
  return html +
         "</tbody></table></div><figcaption>Net return of each calendar month, compounded from its sessions; "
         "blue "
         "is a gain, red a loss, the deeper the larger. The first and the last month and year may be covered "
         "in "
         "part.</figcaption></figure>\n";
}

std::string render_falls(const Performance& p) {
  if (p.worst_drawdowns.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  for (const Drawdown& fall : p.worst_drawdowns) {
    rows.push_back({{percent(fall.depth)},
                    {fall.peak ? to_string(*fall.peak) : "start"},
                    {to_string(fall.trough)},
                    {fall.recovery ? to_string(*fall.recovery) : "not recovered"},
                    {html::count(fall.periods_to_trough)},
                    {html::count(fall.periods_to_recovery)}});
  }
  return "<figure><h3>Deepest falls</h3>" +
         html::table("Deepest falls",
                     {{"Depth"}, {"Peak"}, {"Trough"}, {"Recovered"}, {"Down"}, {"In\u00a0all"}}, rows) +
         "<figcaption>From each peak of the equity to its lowest point (sessions down) and back (sessions in "
         "all). What has not recovered is counted to the last session.</figcaption></figure>\n";
}

std::string render_years(const Performance& p) {
  std::vector<std::vector<TableCell>> rows;
  for (const PeriodReturn& year : p.yearly) {
    rows.push_back({{fmt::format("{}", year.year)},
                    {signed_percent(year.net)},
                    {signed_percent(year.benchmark)},
                    {signed_percent(year.net - year.benchmark)}});
  }
  return "<figure><h3>By calendar year</h3>" +
         html::table("By calendar year", {{"Year"}, {"Portfolio"}, {"Universe"}, {"Difference"}}, rows) +
         "<figcaption>Net of costs. The first and the last year may be covered in "
         "part.</figcaption></figure>\n";
}

std::string render_comparison(const Performance& p) {
  if (p.benchmark_equity.empty()) return {};
  const auto row = [](const char* name, std::string own, std::string other) {
    return std::vector<TableCell>{{name}, {std::move(own)}, {std::move(other)}};
  };
  const std::vector<std::vector<TableCell>> rows = {
      row("Annual return, geometric", signed_percent(p.annual_return),
          signed_percent(p.benchmark_annual_return)),
      row("Annual return before costs", signed_percent(p.annual_return_gross), "–"),
      row("Volatility, a year", percent(p.annual_volatility), percent(p.benchmark_annual_volatility)),
      row("Sharpe ratio", number(p.sharpe, 2), number(p.benchmark_sharpe, 2)),
      row("Sortino ratio", number(p.sortino, 2), "–"),
      row("Calmar ratio", number(p.calmar, 2), "–"),
      row("Largest drawdown", percent(p.max_drawdown), percent(p.benchmark_max_drawdown)),
      row("Alpha, a year", fmt::format("{} (t = {})", signed_percent(p.alpha), number(p.alpha_t, 2)), "–"),
      row("Beta", number(p.beta, 2), "1.00"),
      row("Tracking error, a year", percent(p.tracking_error), "–"),
      row("Information ratio", number(p.information_ratio, 2), "–"),
      row("Sessions with a gain", percent(p.hit_rate), "–"),
      row("Best session",
          fmt::format("{} on {}", signed_percent(p.best_period), p.best_date ? to_string(*p.best_date) : "–"),
          "–"),
      row("Worst session",
          fmt::format("{} on {}", signed_percent(p.worst_period),
                      p.worst_date ? to_string(*p.worst_date) : "–"),
          "–"),
      row("Skewness, kurtosis", fmt::format("{}, {}", number(p.skewness, 2), number(p.kurtosis, 2)), "–"),
      row("Costs, a year", percent(p.cost_annual), "–")};
  return "<figure><h3>Portfolio and universe</h3>" +
         html::table("Portfolio and universe", {{"Measure"}, {"Portfolio"}, {"Universe"}}, rows) +
         "<figcaption>The universe holds every name of the same rows in equal weights and pays no costs. It "
         "shares the "
         "data's survivorship bias with the portfolio, so that the difference says more than either return. "
         "Kurtosis is "
         "3 for a normal distribution.</figcaption></figure>\n";
}

/// The equity at the end of each month, for readers without the chart.
std::string month_ends(const Performance& p) {
  std::vector<std::vector<TableCell>> rows;
  for (std::size_t t = 0; t < p.dates.size(); ++t) {
    const bool last =
        t + 1 == p.dates.size() || year_month_day(p.dates[t + 1]).month != year_month_day(p.dates[t]).month;
    if (!last) continue;
    rows.push_back({{to_string(p.dates[t])},
                    {number(p.equity[t], 4)},
                    {p.benchmark_equity.empty() ? "–" : number(p.benchmark_equity[t], 4)},
                    {percent(p.drawdown[t])}});
  }
  return html::table("Equity at the end of each month", {{"Date"}, {"Portfolio"}, {"Universe"}, {"Drawdown"}},
                     rows);
}

}  // namespace

std::string render_equity(const StudyReport& report) {
  if (!report.performance || report.performance->dates.empty()) return {};
  const Performance& p = *report.performance;
  html::Figure figure;
  figure.name = "equity";
  figure.title = "Growth of 1, and how far below its peak it stood";
  figure.label = fmt::format(
      "Line chart of the portfolio's equity from {}: it ends at {}, the universe at {}; its largest "
      "drawdown is {}.",
      html::date_range(p.dates.front(), p.dates.back()), number(p.equity.back(), 3),
      p.benchmark_equity.empty() ? "–" : number(p.benchmark_equity.back(), 3), percent(p.max_drawdown));
  figure.caption =
      "Above: what 1 invested on the first day became after commissions and slippage, beside an equal-weight "
      "holding of "
      "every name in the data. Below: the distance of the portfolio from its own highest point so far.";
  figure.numbers = month_ends(p);
  figure.tall = true;
  return html::figure(figure);
}

std::string render_performance(const StudyReport& report) {
  if (!report.performance || report.performance->dates.empty()) return {};
  const Performance& p = *report.performance;
  return html::section(
      "performance", "Performance",
      "What the portfolio earned, session by session, after costs. Every decision was filled one or more "
      "sessions later, at prices of the data.",
      render_months(p) + "<div class=\"pair\">\n" + render_comparison(p) + "<div>\n" + render_falls(p) +
          render_years(p) + "</div>\n</div>\n");
}

}  // namespace orrery
