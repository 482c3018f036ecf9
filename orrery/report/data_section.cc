#include <fmt/format.h>

#include <algorithm>

#include "orrery/report/html.h"
#include "orrery/report/metrics.h"
#include "orrery/report/sections.h"
#include "orrery/report/selection.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::signed_percent;
using html::TableCell;

constexpr std::size_t kListedSessions = 12;

std::string fact(std::string_view name, std::string_view value) {
  return fmt::format("<dt>{}</dt><dd>{}</dd>\n", html::escape(name), value);
}

std::string list_sessions(const std::vector<Date>& sessions) {
  if (sessions.empty()) return "none";
  std::vector<std::string> names;
  for (std::size_t i = 0; i < std::min(sessions.size(), kListedSessions); ++i)
    names.push_back(to_string(sessions[i]));
  const std::string more =
      sessions.size() > names.size() ? fmt::format(" and {} more", sessions.size() - names.size()) : "";
  return fmt::format("{}: {}{}", sessions.size(), fmt::join(names, ", "), more);
}

std::string list_columns(const std::vector<std::string>& columns) {
  std::vector<std::string> escaped;
  escaped.reserve(columns.size());
  for (const std::string& column : columns) escaped.push_back(html::escape(column));
  return escaped.empty() ? "none" : fmt::format("{}", fmt::join(escaped, ", "));
}

std::string data_facts(const DataQualityReport& data) {
  const double good =
      data.rows_read > 0 ? static_cast<double>(data.rows_good) / static_cast<double>(data.rows_read) : 0.0;
  std::string facts = fact("Source", html::escape(data.source));
  facts += fact("Span", fmt::format("{}; {} sessions, {} instruments",
                                    html::date_range(data.first_date, data.last_date),
                                    html::count(data.sessions), html::count(data.instruments)));
  facts += fact("Rows", fmt::format("{} read, {} good ({})", html::count(data.rows_read),
                                    html::count(data.rows_good), percent(good, 3)));
  facts += fact("Sessions without any row", list_sessions(data.missing_sessions));
  facts +=
      fact("Halted days", fmt::format("{} days of single names without a bar, between their first and last",
                                      html::count(data.halted_cells)));
  facts += fact("Columns not used", list_columns(data.ignored_columns));
  facts +=
      fact("Prices",
           data.delivered_adjusted
               ? "delivered already adjusted: minimum price, whole shares and commissions use adjusted prices"
               : "raw prices for orders and costs, adjusted prices for returns and factors");
  return "<dl class=\"facts\">\n" + facts + "</dl>\n";
}

std::string quarantine_figure(const DataQualityReport& data) {
  if (data.quarantined.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  for (const auto& [reason, count] : data.quarantined)
    rows.push_back({{html::escape(reason)}, {html::count(count)}});
  return "<figure><h3>Rows put aside</h3>" +
         html::table("Rows put aside", {{"Reason", true}, {"Rows"}}, rows) +
         "<figcaption>These rows were left out and written to <code>quarantine.parquet</code> with their "
         "source line. "
         "Nothing was filled in for them.</figcaption></figure>\n";
}

std::string delisting_figure(const StudyReport& report) {
  if (report.delistings.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  for (const DelistingScenario& scenario : report.delistings) {
    rows.push_back({{html::escape(scenario.assumption)},
                    {signed_percent(scenario.annual_return)},
                    {number(scenario.sharpe, 2)},
                    {percent(scenario.max_drawdown)}});
  }
  return "<figure><h3>If names vanish for an unknown reason</h3>" +
         html::table("Delistings",
                     {{"Assumption", true}, {"Annual return"}, {"Sharpe"}, {"Largest drawdown"}}, rows) +
         "<figcaption>The data does not say what holders got. The truth lies between the "
         "lines.</figcaption></figure>\n";
}

std::string list_notes(const std::vector<std::string>& notes) {
  if (notes.empty()) return {};
  std::string html = "<ul class=\"notes\">\n";
  for (const std::string& note : notes) html += fmt::format("<li>{}</li>\n", html::escape(note));
  return html + "</ul>\n";
}

std::string write_metric(const MetricValue& value) {
  if (const auto* real = std::get_if<double>(&value)) return html::number(*real, 6);
  if (const auto* count = std::get_if<std::int64_t>(&value))
    return html::count(static_cast<std::size_t>(*count));
  const auto& text = std::get<std::string>(value);
  return text.empty() ? "–" : html::escape(text);
}

std::string metric_table(const StudyReport& report) {
  std::vector<Metric> metrics = flatten_metrics(
      report.evaluation ? &*report.evaluation : nullptr, report.performance ? &*report.performance : nullptr,
      report.classification ? &*report.classification : nullptr, report.trust ? &*report.trust : nullptr,
      report.sources ? &*report.sources : nullptr);
  append_selection_metrics(report.selections, metrics);
  if (metrics.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  rows.reserve(metrics.size());
  for (const Metric& metric : metrics) {
    rows.push_back({{fmt::format("<code>{}</code>", html::escape(metric.key))},
                    {write_metric(metric.value)},
                    {html::escape(metric.unit)},
                    {fmt::format("<span class=\"wrap\">{}</span>", html::escape(metric.description))},
                    {html::escape(metric.source)}});
  }
  return html::details(
      "All metrics, with their formulas",
      html::table("All metrics",
                  {{"Key", true}, {"Value"}, {"Unit", true}, {"Meaning", true}, {"Source", true}}, rows));
}

std::string provenance_facts(const StudyReport& report) {
  std::string facts;
  for (const auto& [name, value] : report.provenance) facts += fact(name, html::escape(value));
  return facts.empty() ? std::string() : "<dl class=\"facts\">\n" + facts + "</dl>\n";
}

std::string study_text(const StudyReport& report) {
  if (report.study_yaml.empty()) return {};
  return html::details("The study file",
                       fmt::format("<pre tabindex=\"0\">{}</pre>", html::escape(report.study_yaml)));
}

}  // namespace

std::string render_data_quality(const StudyReport& report) {
  if (!report.data && report.delistings.empty()) return {};
  std::string content;
  if (report.data) content += data_facts(*report.data) + list_notes(report.data->notes);
  content += "<div class=\"pair\">\n";
  if (report.data) content += quarantine_figure(*report.data);
  content += delisting_figure(report) + "</div>\n";
  return html::section("data", "Data quality",
                       "What was read, what was put aside, and what had to be assumed.", content);
}

std::string render_study(const StudyReport& report) {
  const std::string content =
      list_notes(report.method_notes) + provenance_facts(report) + study_text(report) + metric_table(report);
  if (content.empty()) return {};
  return html::section("study", "Study and method",
                       "Everything that is needed to run this again and to check how each number was made.",
                       content);
}

}  // namespace orrery
