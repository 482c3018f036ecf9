#include "orrery/report/comparison_report.h"

#include <fmt/format.h>

#include <cctype>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/report/chart_json.h"
#include "orrery/report/html.h"
#include "orrery/report/page.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using nlohmann::json;
using Row = std::vector<html::TableCell>;

constexpr int kComparisonDigits = 7;  ///< as in a run's report
constexpr double kSignificant = 0.05;

const PairedTest* find_test(const ComparisonReport& report, const std::string& name) {
  for (const auto& test : report.tests) {
    if (test.name == name && test.unavailable.empty()) return &test;
  }
  return nullptr;
}

std::string say_test(const ComparisonReport& report, const PairedTest& test, const char* what) {
  if (test.p_value >= kSignificant || std::isnan(test.p_value))
    return fmt::format("the difference in {} can't be told apart from luck (p = {})", what,
                       number(test.p_value, 2));
  const auto& better = test.difference > 0.0 ? report.a : report.b;
  return fmt::format("{} has the higher {} (p = {})", better.label, what, number(test.p_value, 3));
}

std::string run_name(const ComparedRun& run) { return fmt::format("{}: {}", run.label, run.folder); }

std::string chart_data(const ComparisonReport& report, const std::string& banner) {
  const json data = {{"banner", banner},
                     {"comparison",
                      {{"dates", dates_json(report.dates)},
                       {"names", {run_name(report.a), run_name(report.b)}},
                       {"a", short_json(report.equity_a, kComparisonDigits)},
                       {"b", short_json(report.equity_b, kComparisonDigits)},
                       {"ratio", short_json(report.ratio, kComparisonDigits)}}}};
  return script_text(data);
}

std::string test_row_text(const PairedTest& test, double value) {
  const bool is_return = test.name == "net return";
  return is_return ? percent(value, 3) : number(value, 4);
}

std::string render_tests(const ComparisonReport& report) {
  std::vector<Row> rows;
  std::string missing;
  for (const auto& test : report.tests) {
    if (!test.unavailable.empty()) {
      missing +=
          fmt::format("<p>No test of {}: {}.</p>\n", html::escape(test.name), html::escape(test.unavailable));
      continue;
    }
    rows.push_back({{html::escape("Daily " + test.name)},
                    {test_row_text(test, test.mean_a)},
                    {test_row_text(test, test.mean_b)},
                    {test_row_text(test, test.difference)},
                    {fmt::format("{} to {}", test_row_text(test, test.low), test_row_text(test, test.high))},
                    {number(test.p_value, 3)},
                    {html::count(test.sessions)},
                    {number(test.block_length, 1)}});
  }
  return html::section(
      "tests", "Do they differ?",
      "Mean of the daily differences on the sessions that both runs have, resampled in blocks (stationary "
      "bootstrap, "
      "mean block length by Politis and White), so that days that follow one another are not counted as "
      "independent.",
      html::table("Paired tests",
                  {{"Mean of"}, {"A"}, {"B"}, {"A − B"}, {"95% interval"}, {"p"}, {"Sessions"}, {"Block"}},
                  rows) +
          missing);
}

std::string render_metrics(const ComparisonReport& report) {
  std::vector<Row> rows;
  for (const auto& metric : report.metrics) {
    if (std::isnan(metric.a) && std::isnan(metric.b)) continue;
    const auto shown = [&](double value) {
      return metric.percent ? percent(value, metric.decimals) : number(value, metric.decimals);
    };
    rows.push_back({{html::escape(metric.name)},
                    {shown(metric.a)},
                    {shown(metric.b)},
                    {metric.is_uncertainty ? "" : shown(metric.a - metric.b)}});
  }
  return html::section("metrics", "Side by side",
                       fmt::format("Each run over its own test span: A {}, B {}. The scores of a day "
                                   "correlate by {} in rank on average "
                                   "({} sessions), the daily net returns by {}.",
                                   html::date_range(report.a.test_first, report.a.test_last),
                                   html::date_range(report.b.test_first, report.b.test_last),
                                   number(report.score_correlation, 2), html::count(report.score_sessions),
                                   number(report.return_correlation, 2)),
                       html::table("Metrics of both runs", {{"Measure"}, {"A"}, {"B"}, {"A − B"}}, rows));
}

std::string render_study_differences(const ComparisonReport& report) {
  std::vector<Row> rows;
  for (const auto& difference : report.differences) {
    const auto shown = [](const std::string& value) {
      return value.empty() ? std::string("<i>default</i>")
                           : fmt::format("<code>{}</code>", html::escape(value));
    };
    rows.push_back({{fmt::format("<code>{}</code>", html::escape(difference.key))},
                    {shown(difference.a)},
                    {shown(difference.b)}});
  }
  const std::string data = report.same_data
                               ? "Both read the same prices."
                               : "They read <b>different prices</b>, so that more than the studies differs.";
  return html::section("studies", "What differs in the studies", data,
                       rows.empty()
                           ? "<p>Nothing.</p>\n"
                           : html::table("Keys that differ", {{"Key"}, {"A", true}, {"B", true}}, rows));
}

std::string render_trials(const ComparisonReport& report) {
  std::string content = "<div class=\"pair\">\n";
  for (const auto* run : {&report.a, &report.b}) {
    content += fmt::format("<figure><h3>{}</h3>", html::escape(run_name(*run)));
    for (const auto& line : run->verdict) content += fmt::format("<p>{}</p>", html::escape(line));
    content += "</figure>\n";
  }
  return html::section("trials", "How much was tried",
                       "What your ledger of trials makes of each, on its own data and tested sessions.",
                       content + "</div>\n");
}

std::string render_chart(const ComparisonReport& report) {
  if (report.dates.empty()) return {};
  html::Figure figure;
  figure.name = "comparison";
  figure.title = "Growth of 1, and how far A is ahead of B";
  figure.label = fmt::format("Line chart from {}: A ends at {}, B at {}.",
                             html::date_range(report.dates.front(), report.dates.back()),
                             number(report.equity_a.back(), 3), number(report.equity_b.back(), 3));
  figure.caption =
      "Above: what 1 became after costs, from the first session that both runs traded. Below: A over B, less "
      "1; above "
      "the line A is ahead.";
  figure.tall = true;
  return html::figure(figure);
}

/// A comparison with simulated data in it says so.
std::string banner_of(const ComparisonReport& report) {
  if (report.a.banner == report.b.banner) return report.a.banner;
  return fmt::format("A: {}. B: {}", report.a.banner.empty() ? "real data" : report.a.banner,
                     report.b.banner.empty() ? "real data" : report.b.banner);
}

}  // namespace

std::string comparison_verdict(const ComparisonReport& report) {
  const auto* signal = find_test(report, "rank IC");
  const auto* earned = find_test(report, "net return");
  std::string text;
  if (signal != nullptr) text = say_test(report, *signal, "mean rank IC");
  if (earned != nullptr) text += (text.empty() ? "" : "; ") + say_test(report, *earned, "mean net return");
  if (text.empty()) return "The runs have no sessions in common to be compared on.";
  text[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(text[0])));
  return text + ".";
}

std::string render_comparison(const ComparisonReport& report) {
  const std::string banner = banner_of(report);
  html::Page page;
  page.title = fmt::format("{} and {}", report.a.folder, report.b.folder);
  page.simulated = !banner.empty();
  page.links = {{"tests", "Tests"}, {"metrics", "Metrics"}, {"studies", "Studies"}, {"trials", "Trials"}};
  if (page.simulated)
    page.content = fmt::format("<p class=\"simulated\" role=\"note\">{}</p>\n", html::escape(banner));
  page.content += fmt::format(
      "<h1>{} <small>and</small> {}</h1>\n<p class=\"subtitle\">Two runs compared; {} sessions in "
      "common</p>\n"
      "<p class=\"verdict\">{}</p>\n",
      html::escape(run_name(report.a)), html::escape(run_name(report.b)), html::count(report.dates.size()),
      html::escape(comparison_verdict(report)));
  page.content += render_chart(report) + render_tests(report) + render_metrics(report) +
                  render_study_differences(report) + render_trials(report);
  page.content += fmt::format(
      "<footer>{}Made by Orrery from two run folders. Past results, simulated or real, do not foretell "
      "future "
      "ones.</footer>\n",
      page.simulated ? html::escape(banner) + ". " : "");
  page.chart_data = chart_data(report, banner);
  return html::render_page(page);
}

}  // namespace orrery
