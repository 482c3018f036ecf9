#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"
#include "orrery/report/two_sided.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::signed_percent;
using html::TableCell;

std::string group_row(const TimeGroup& group, std::size_t columns) {
  return fmt::format("<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"{}\">{}</th></tr>\n", columns,
                     html::escape(group.title));
}

std::string slice_row(const TimeSlice& slice) {
  const std::string cells[] = {html::count(slice.sessions),      number(slice.ic_mean, 4),
                               number(slice.rank_ic_mean, 4),    number(slice.rank_ic_t, 2),
                               signed_percent(slice.net_return), signed_percent(slice.excess_return),
                               number(slice.excess_t, 2),        number(slice.sharpe, 2)};
  std::string row = fmt::format("<tr><th scope=\"row\">{}</th>", html::escape(slice.name));
  for (const std::string& cell : cells) row += fmt::format("<td>{}</td>", cell);
  return row + "</tr>\n";
}

std::string slice_table(const ByTime& by_time) {
  const char* headings[] = {"",           "Sessions",          "IC",    "Rank IC",     "its t",
                            "Net a year", "Over the universe", "its t", "Sharpe ratio"};
  std::string html =
      "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"Results by time\"><table "
      "class=\"grouped\"><caption class=\"hidden\">Results by time</caption>\n<thead><tr>";
  for (const char* heading : headings) html += fmt::format("<th scope=\"col\">{}</th>", heading);
  html += "</tr></thead>\n<tbody>\n";
  for (const TimeGroup& group : by_time.groups) {
    if (group.slices.empty()) continue;
    html += group_row(group, std::size(headings));
    for (const TimeSlice& slice : group.slices) html += slice_row(slice);
  }
  return html + "</tbody></table></div>\n";
}

/// How many of the parts stand out, beside how many would by luck.
std::string say_outstanding(const ByTime& by_time) {
  std::size_t tests = 0;
  std::size_t above = 0;
  std::size_t below = 0;
  for (const TimeGroup& group : by_time.groups) {
    for (const TimeSlice& slice : group.slices) {
      for (const double t : {slice.rank_ic_t, slice.excess_t}) {
        if (!std::isfinite(t)) continue;
        ++tests;
        above += t > kTwoSided95 ? 1 : 0;
        below += t < -kTwoSided95 ? 1 : 0;
      }
    }
  }
  return fmt::format(
      "Of the {} t values {} {} above 1.96 and {} below −1.96; where nothing is, about {} would be, by luck.",
      tests, above, above == 1 ? "is" : "are", below, number(0.05 * static_cast<double>(tests), 0));
}

std::string slice_figure(const ByTime& by_time) {
  return "<figure><h3>By year, by volatility, in rising and in falling markets</h3>" + slice_table(by_time) +
         fmt::format(
             "<figcaption>Returns are means of a session × sessions a year, after costs, since the sessions "
             "of "
             "a regime don't follow each other; t values are Newey–West. The state of the market is that of "
             "the "
             "evening before: the deviation of the equal-weight universe's last 21 returns, a year, and the "
             "sign of their product. The bounds between calm and turbulent are the thirds of this very test: "
             "hindsight, good for a description and for no rule. {}</figcaption></figure>\n",
             say_outstanding(by_time));
}

std::string rolling_figure(const RollingCorrelation& rolling) {
  if (rolling.windows == 0) return {};
  const auto share = [&](std::size_t windows) {
    return percent(static_cast<double>(windows) / static_cast<double>(rolling.windows), 0);
  };
  html::Figure figure;
  figure.name = "rolling-information";
  figure.title = fmt::format("Rank IC of the last {} days, with its 95% band", rolling.window);
  figure.label = fmt::format(
      "Line chart of the mean rank IC of {} days with a band; the band lies above zero in {} of the windows.",
      rolling.window, share(rolling.above_zero));
  figure.caption = fmt::format(
      "The band is ± 1.96 Newey–West standard errors. It lies above zero in {} of the windows, below it in "
      "{}; "
      "wherever it holds zero, the score can't be told from none.",
      share(rolling.above_zero), share(rolling.below_zero));
  return html::figure(figure);
}

std::string importance_figure(const ImportanceStability& stability) {
  if (stability.pairs.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  for (const FoldAgreement& pair : stability.pairs) {
    rows.push_back({{fmt::format("Folds {} and {}", pair.first + 1, pair.second + 1)},
                    {number(pair.rank_correlation, 2)},
                    {percent(pair.top_in_common, 0)}});
  }
  rows.push_back({{"<b>Mean</b>"},
                  {number(stability.mean_rank_correlation, 2)},
                  {percent(stability.mean_top_in_common, 0)}});
  const std::string heading = fmt::format("Of the {} heaviest, in both", stability.top);
  return "<figure><h3>Did the folds learn the same thing?</h3>" +
         html::table("Stability of importance", {{"Folds"}, {"Rank correlation"}, {heading}}, rows) +
         fmt::format(
             "<figcaption>Spearman correlation of the importances of {} features, and the share of a fold's "
             "heaviest that are so in the other too; rankings that have nothing to do with each other share "
             "{}. {} of the features are among the heaviest of every fold. Folds that follow each other "
             "share "
             "training days: some agreement says little, its absence that nothing lasting was "
             "learned.</figcaption></figure>\n",
             html::count(stability.features), percent(stability.top_in_common_by_chance, 0),
             html::count(stability.in_every_top));
}

}  // namespace

std::string render_by_time(const StudyReport& report) {
  if (!report.trust || !report.trust->by_time) return {};
  const ByTime& by_time = *report.trust->by_time;
  const std::string importance =
      report.trust->importance ? importance_figure(*report.trust->importance) : std::string();
  return html::section(
      "time", "Over time",
      "Whether the result comes from everywhere, or from one year or one kind of market. The "
      "fewer the sessions of a line, the more of it is luck.",
      slice_figure(by_time) + "<div class=\"pair\">\n" + rolling_figure(by_time.rolling) + importance +
          "</div>\n");
}

}  // namespace orrery
