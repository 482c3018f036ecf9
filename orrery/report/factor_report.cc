#include "orrery/report/factor_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/report/factor_chart_data.h"
#include "orrery/report/html.h"
#include "orrery/report/page.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using Row = std::vector<html::TableCell>;

/// Factors that tables of some factors show.
constexpr std::size_t kShown = 30;

/// A number that sorts by its full value.
html::TableCell cell(double value, int decimals) {
  return {number(value, decimals), std::isnan(value) ? "-1e99" : fmt::format("{}", value)};
}

html::TableCell percent_cell(double value, int decimals) {
  return {percent(value, decimals), std::isnan(value) ? "-1e99" : fmt::format("{}", value)};
}

const FactorHorizon& primary_of(const FactorReport& report, std::size_t factor) {
  return report.evaluation.factors[factor].horizons[report.evaluation.primary()];
}

const std::string& name_of(const FactorReport& report, std::size_t factor) {
  return report.evaluation.factors[factor].name;
}

std::string sessions_text(int sessions) {
  return sessions == 1 ? "1 session" : fmt::format("{} sessions", sessions);
}

/// The name as a button that shows the factor; `place` is its place in the ranking.
html::TableCell name_cell(const FactorReport& report, std::size_t factor, std::size_t place) {
  const auto name = html::escape(name_of(report, factor));
  return {fmt::format("<a class=\"pick\" href=\"#factor\" data-place=\"{}\" title=\"{}\">{}</a>", place,
                      html::escape(report.labels[factor].expression), name),
          name};
}

std::string half_life_text(double half_life) { return std::isinf(half_life) ? "long" : number(half_life, 1); }

html::TableCell resemblance_cell(const FactorReport& report, std::size_t factor) {
  const auto& resembled = report.ranking.resembles[factor];
  if (!resembled) return {"", ""};
  return {fmt::format("{} <small>{}</small>", html::escape(name_of(report, resembled->factor)),
                      number(resembled->correlation, 2)),
          name_of(report, resembled->factor)};
}

Row ranking_row(const FactorReport& report, std::size_t factor, std::size_t place) {
  const auto& found = report.evaluation.factors[factor];
  const auto& at = primary_of(report, factor);
  const double half_life = found.decay.half_life;
  return {name_cell(report, factor, place),
          cell(at.rank_ic.mean, 4),
          cell(report.ranking.t[factor], 2),
          cell(report.ranking.q_values[factor], 3),
          cell(at.rank_ic.icir, 3),
          cell(at.ic.mean, 4),
          cell(1e4 * at.long_short.gross.mean / at.sessions, 1),
          cell(at.long_short.gross.t, 2),
          cell(at.long_short.break_even_bps, 1),
          percent_cell(0.5 * (at.quantiles.turnover.front() + at.quantiles.turnover.back()), 0),
          cell(at.autocorrelation, 2),
          cell(at.quantiles.monotonicity, 1),
          {half_life_text(half_life), std::isnan(half_life) ? "-1" : fmt::format("{}", half_life)},
          percent_cell(found.coverage, 0),
          resemblance_cell(report, factor)};
}

std::string render_ranking(const FactorReport& report) {
  std::vector<Row> rows;
  const auto& order = report.ranking.order;
  for (std::size_t k = 0; k < order.size(); ++k) rows.push_back(ranking_row(report, order[k], k));
  const std::string lead = fmt::format(
      "By the size of the t-value of the mean daily rank IC with the return over {}. q is the smallest false "
      "discovery rate at which the factor counts as a discovery. Long-short: highest less lowest group, "
      "basis "
      "points a session before costs; even at: the cost a side, in basis points, that would leave nothing of "
      "it.",
      sessions_text(report.evaluation.spec.primary));
  const std::string table = html::table("Ranking of the factors",
                                        {{"Factor", true},
                                         {"Rank IC"},
                                         {"t"},
                                         {"q"},
                                         {"ICIR"},
                                         {"IC"},
                                         {"Long-short"},
                                         {"its t"},
                                         {"Even at"},
                                         {"Turnover"},
                                         {"Autocorr."},
                                         {"Monotone"},
                                         {"Half-life"},
                                         {"Coverage"},
                                         {"Resembles", true}},
                                        rows, true);
  return html::section(
      "ranking", "Ranking", lead,
      "<p class=\"search\"><label>Search <input type=\"search\" id=\"factor-search\" hidden "
      "placeholder=\"a name or part of an expression\"></label> <span id=\"factor-found\"></span></p>\n"
      "<div class=\"long\">" +
          table + "</div>\n");
}

std::string luck_figure(const FactorReport& report) {
  html::Figure figure;
  figure.name = "factor-t";
  figure.title = "The t-values beside those of pure luck";
  figure.label = chance_sentence(report.ranking);
  figure.caption =
      "Every factor by its place in the ranking, with the size of its t-value; the pale line is what as many "
      "independent factors without any skill would be expected to show. Factors that resemble each other "
      "move "
      "together, so that a whole stretch above the line may be one finding, or one accident. Above 3 lies "
      "what "
      "Harvey, Liu and Zhu (2016) ask of a new factor.";
  return html::figure(figure);
}

std::string small_figure(std::string_view name, const char* title, const char* label, const char* caption) {
  html::Figure figure;
  figure.name = name;
  figure.title = title;
  figure.label = label;
  figure.caption = caption;
  return html::figure(figure);
}

std::string render_chooser(const FactorReport& report) {
  std::string options;
  const auto& order = report.ranking.order;
  for (std::size_t k = 0; k < order.size(); ++k) {
    options += fmt::format("<option value=\"{}\">{}</option>", k, html::escape(name_of(report, order[k])));
  }
  return fmt::format(
      "<p class=\"search\"><label>Factor <select id=\"factor-choice\">{}</select></label></p>\n"
      "<p id=\"factor-expression\"><code>{}</code></p>\n<p class=\"note\" id=\"factor-note\"></p>\n",
      options, order.empty() ? "" : html::escape(report.labels[order.front()].expression));
}

std::string render_factor(const FactorReport& report) {
  const std::string pairs =
      "<div class=\"pair\">\n" +
      small_figure(
          "factor-decay", "How long it lasts", "Mean rank IC by session behind the entry.",
          "Mean rank IC with the return of each single session behind the entry; the line is the whole "
          "return up to the horizon, with 1.96 standard errors.") +
      small_figure(
          "factor-quantiles", "What its groups earned", "Mean return of each group by horizon.",
          "Mean return of each group less that of all names, basis points a session, by horizon. A factor "
          "that works steps up or down from group to group.") +
      "</div>\n<div class=\"pair\">\n" +
      small_figure("factor-growth", "Highest less lowest group", "Growth of the long-short return.",
                   "One session's return after the entry, compounded, before costs: in the direction of the "
                   "factor, so that a falling line speaks for its opposite.") +
      small_figure(
          "factor-slices", "By year and state of the market", "Mean rank IC by slice of the time.",
          "Mean rank IC at the ranking's horizon. The bounds of the volatility are those of the test "
          "itself: nobody knew them then.") +
      "</div>\n";
  return html::section("factor", "One factor", "Choose here, or click a name in a table.",
                       render_chooser(report) + pairs);
}

std::string render_doubles(const FactorReport& report) {
  std::vector<Row> rows;
  const auto& ranking = report.ranking;
  for (const std::size_t kept : ranking.distinct) {
    std::string doubles;
    std::size_t count = 0;
    for (const std::size_t f : ranking.order) {
      if (!ranking.resembles[f] || ranking.resembles[f]->factor != kept) continue;
      if (++count <= 8) doubles += (doubles.empty() ? "" : ", ") + html::escape(name_of(report, f));
    }
    if (count > 8) doubles += fmt::format(" and {} more", count - 8);
    const auto place = std::find(ranking.order.begin(), ranking.order.end(), kept) - ranking.order.begin();
    rows.push_back({name_cell(report, kept, static_cast<std::size_t>(place)),
                    cell(primary_of(report, kept).rank_ic.mean, 4),
                    cell(ranking.t[kept], 2),
                    {html::count(count), std::to_string(count)},
                    {"<span class=\"wrap\">" + doubles + "</span>", doubles}});
  }
  html::Figure figure;
  figure.name = "factor-correlations";
  figure.title = "Correlations of the best factors";
  figure.label = "Heat map of the mean daily rank correlations between factors.";
  figure.caption =
      "Mean over the days of the correlation of two factors' ranks; each factor of the list is followed by "
      "those "
      "that resemble it. Blocks of strong colour are one idea under many names.";
  figure.tall = true;
  return html::section(
      "doubles", "Without doubles",
      fmt::format(
          "{} of {} factors are left when, from the best down, each is left out that correlates with one "
          "before it by more than {} in size.",
          ranking.distinct.size(), report.evaluation.factors.size(),
          number(report.evaluation.spec.max_correlation, 2)),
      html::figure(figure) + "<div class=\"long\">" +
          html::table("Factors without doubles",
                      {{"Factor", true}, {"Rank IC"}, {"t"}, {"Doubles"}, {"Which", true}}, rows, true) +
          "</div>\n");
}

std::string neutral_heading(Neutralization neutralization) {
  if (neutralization == Neutralization::kSector) return "within sectors";
  return neutralization == Neutralization::kSize ? "without size" : "without both";
}

std::string render_neutral(const FactorReport& report) {
  const auto& order = report.ranking.order;
  if (order.empty() || primary_of(report, order.front()).neutral.empty()) return {};
  std::vector<html::TableColumn> columns = {{"Factor", true}, {"Rank IC"}, {"t"}};
  for (const auto& neutral : primary_of(report, order.front()).neutral) {
    columns.push_back({neutral_heading(neutral.of)});
    columns.push_back({"t"});
  }
  std::vector<Row> rows;
  for (std::size_t k = 0; k < std::min(kShown, order.size()); ++k) {
    const auto& at = primary_of(report, order[k]);
    Row row = {name_cell(report, order[k], k), cell(at.rank_ic.mean, 4), cell(report.ranking.t[order[k]], 2)};
    for (const auto& neutral : at.neutral) {
      row.push_back(cell(neutral.rank_ic.mean, 4));
      row.push_back(cell(neutral.rank_ic.newey_west_t, 2));
    }
    rows.push_back(std::move(row));
  }
  const std::string lead = fmt::format(
      "Rank IC of what a regression on {}size leaves of factor and return. Size: {}. Far below the plain "
      "one: the "
      "factor chose sectors or sizes, not names.",
      report.sectors > 0 ? fmt::format("{} sectors and ", report.sectors) : "",
      html::escape(report.size_source));
  return html::section(
      "neutral", "Sector and size", lead,
      "<div class=\"long\">" + html::table("Neutral rank IC", columns, rows, true) + "</div>\n");
}

std::string render_time(const FactorReport& report) {
  std::vector<html::TableColumn> columns = {{"Factor", true}};
  for (const auto& group : report.groups) {
    for (const auto& slice : group.slices) columns.push_back({slice.name});
  }
  std::vector<Row> rows;
  const auto& order = report.ranking.order;
  for (std::size_t k = 0; k < std::min(kShown, order.size()); ++k) {
    Row row = {name_cell(report, order[k], k)};
    for (const auto& slice : report.slices[order[k]]) {
      const char* mark = std::fabs(slice.t) > 1.96 ? "<b>{}</b>" : "{}";
      row.push_back({fmt::format(fmt::runtime(mark), number(slice.mean, 3)), fmt::format("{}", slice.mean)});
    }
    rows.push_back(std::move(row));
  }
  return html::section(
      "time", "By year and state of the market",
      "Mean rank IC; bold where |t| > 1.96, which one in twenty is by luck. The state is that of "
      "the evening on which the factor was known, over the last 21 sessions.",
      "<div class=\"long\">" + html::table("Rank IC by time", columns, rows, true) + "</div>\n");
}

std::string render_cards(const FactorReport& report) {
  const auto& ranking = report.ranking;
  const auto count = [](std::size_t value) { return html::count(value); };
  std::string cards = "<dl class=\"cards\">\n";
  cards +=
      html::card({"|t| above 1.96", 0.0,
                  fmt::format("{} <small>of {}</small>", count(ranking.beyond_chance), count(ranking.tested)),
                  fmt::format("{:.0f} would be by chance", ranking.expected_by_chance)});
  cards += html::card({"|t| above 3", 0.0, count(ranking.beyond_hurdle), "the hurdle for a new factor"});
  cards +=
      html::card({"Discoveries", 0.0, count(ranking.discoveries), "of which 5% are expected to be false"});
  cards += html::card(
      {"Without doubles", 0.0, count(ranking.distinct.size()),
       fmt::format("correlated by at most {}", number(report.evaluation.spec.max_correlation, 2))});
  return cards + "</dl>\n";
}

std::string return_fact(int delay) {
  return fmt::format(
      "The return over h sessions of a factor known at the close of t is close[t+{0}+h] / close[t+{0}] − 1, "
      "adjusted closes{1}.",
      delay, delay == 0 ? " (the convention of alphalens: traded at the close it is known at)" : "");
}

constexpr const char* kTFact =
    "t-values: Newey–West, Bartlett weights, lag max(⌊4 (n/100)^(2/9)⌋, h − 1), since the returns of "
    "neighbouring "
    "days share h − 1 sessions. p-values: two-sided, normal. q: Benjamini and Hochberg.";

constexpr const char* kHalfLifeFact =
    "Half-life: of the exponential that fits the rank IC by single session best; a dash where the first "
    "session's "
    "is not distinguishable from 0.";

constexpr const char* kSurvivorshipFact =
    "Names that the price file never held, such as those that left an index before it was made, are missing "
    "from "
    "every number here.";

std::string group_fact(const FactorEvaluationSpec& spec) {
  return fmt::format(
      "Groups: {} a day, equal weights, edges as pandas.qcut; days with fewer than {} names are left out. "
      "Costs: {} "
      "basis points a side on what enters and leaves both groups when they are made anew once a horizon; "
      "borrowing "
      "and impact are not in it.",
      spec.quantiles, spec.minimum_names, number(spec.cost_bps, 1));
}

std::string render_method(const FactorReport& report) {
  const auto& spec = report.evaluation.spec;
  const char* sample =
      spec.common_sample
          ? "Only names with the returns of all horizons take part."
          : "Each horizon takes the names it has; groups and turnover take all with the factor.";
  std::string list;
  for (const auto& fact : std::vector<std::string>{return_fact(spec.delay), kTFact, group_fact(spec),
                                                   kHalfLifeFact, sample, kSurvivorshipFact}) {
    list += fmt::format("<li>{}</li>", fact);
  }
  return html::section("method", "How it is reckoned", "docs/evaluate.md has the formulas.",
                       fmt::format("<ul class=\"notes\">{}</ul>\n", list));
}

std::string render_head(const FactorReport& report) {
  const auto& evaluation = report.evaluation;
  std::string text;
  if (!report.banner.empty())
    text = fmt::format("<p class=\"simulated\" role=\"note\">{}</p>\n", html::escape(report.banner));
  text += fmt::format(
      "<h1>{}</h1>\n<p class=\"subtitle\">{} factors judged on {} names, {}, by the return over {}</p>\n"
      "<p class=\"verdict\">{}</p>\n",
      html::escape(report.title), html::count(evaluation.factors.size()), html::count(report.instruments),
      html::date_range(evaluation.dates.front(), evaluation.dates.back()),
      sessions_text(evaluation.spec.primary), html::escape(chance_sentence(report.ranking)));
  return text;
}

}  // namespace

std::string chance_sentence(const FactorRanking& ranking) {
  const auto verb = [](std::size_t count, const char* one, const char* many) {
    return count == 1 ? one : many;
  };
  return fmt::format(
      "{} tested; {:.0f} would look significant (|t| > 1.96) by chance, {} {}. {} {} |t| > 3; {} {} at a "
      "false "
      "discovery rate of 5 %.",
      ranking.tested, ranking.expected_by_chance, ranking.beyond_chance,
      verb(ranking.beyond_chance, "does", "do"), ranking.beyond_hurdle,
      verb(ranking.beyond_hurdle, "has", "have"), ranking.discoveries,
      verb(ranking.discoveries, "is a discovery", "are discoveries"));
}

std::string render_factor_report(const FactorReport& report) {
  html::Page page;
  page.title = report.title;
  page.simulated = !report.banner.empty();
  page.links = {{"ranking", "Ranking"}, {"factor", "One factor"}, {"doubles", "Doubles"}};
  const std::string neutral = render_neutral(report);
  if (!neutral.empty()) page.links.push_back({"neutral", "Sector and size"});
  page.links.push_back({"time", "By time"});
  page.links.push_back({"method", "Method"});
  page.content = render_head(report) + render_cards(report) + luck_figure(report) + render_ranking(report) +
                 render_factor(report) + render_doubles(report) + neutral + render_time(report) +
                 render_method(report);
  page.content += fmt::format(
      "<footer>{}Made by Orrery from {}. Past results, simulated or real, do not foretell future "
      "ones.</footer>\n",
      page.simulated ? html::escape(report.banner) + ". " : "", html::escape(report.data));
  page.chart_data = factor_chart_data_json(report);
  return html::render_page(page);
}

}  // namespace orrery
