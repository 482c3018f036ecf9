#include "orrery/report/model_health.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/base/statistics.h"
#include "orrery/report/chart_data.h"
#include "orrery/report/chart_json.h"
#include "orrery/report/html.h"
#include "orrery/report/page.h"

namespace orrery {
namespace {

using nlohmann::json;
using HealthRow = std::vector<html::TableCell>;

constexpr std::size_t kDrawnFeatures = 20;
constexpr std::size_t kListedFeatures = 60;
constexpr std::size_t kRollingSessions = 20;
constexpr int kDigits = 6;

/// The features by their stability index, largest first.
std::vector<const JudgedFeature*> most_shifted(const ModelHealth& health) {
  std::vector<const JudgedFeature*> order;
  for (const auto& feature : health.judgement.features) {
    if (std::isfinite(feature.drift.psi)) order.push_back(&feature);
  }
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return a->drift.psi > b->drift.psi; });
  order.resize(std::min(order.size(), kDrawnFeatures));
  return order;
}

json features_json(const ModelHealth& health) {
  json names = json::array(), psi = json::array(), before = json::array(), act = json::array();
  for (const auto* feature : most_shifted(health)) {
    names.push_back(feature->drift.feature);
    psi.push_back(short_json(feature->drift.psi, kDigits));
    before.push_back(short_json(feature->drift.psi_before, kDigits));
    act.push_back(feature->psi == DriftVerdict::kAct);
  }
  return {{"names", names},
          {"psi", psi},
          {"before", before},
          {"act", act},
          {"watch_at", health.thresholds.psi.watch},
          {"act_at", health.thresholds.psi.act}};
}

json rank_ic_json(const ModelHealth& health) {
  const auto& series = health.rank_ic;
  const auto recent = std::lower_bound(series.dates.begin(), series.dates.end(), health.recent_first);
  return {{"dates", dates_json(series.dates)},
          {"daily", short_json(series.values, kDigits)},
          {"mean", short_json(rolling_mean(series.values, kRollingSessions), kDigits)},
          {"rolling", kRollingSessions},
          {"recent", recent - series.dates.begin()},
          {"reference_mean", short_json(health.evidence.ic.reference_mean, kDigits)},
          {"recent_mean", short_json(health.evidence.ic.recent_mean, kDigits)}};
}

std::string health_chart_data(const ModelHealth& health) {
  const json data = {{"banner", health.banner},
                     {"monitor-features", features_json(health)},
                     {"monitor-rank-ic", rank_ic_json(health)},
                     {"interval-coverage",
                      {{"dates", dates_json(health.covered.dates)},
                       {"daily", short_json(health.covered.values, kDigits)},
                       {"mean", short_json(rolling_mean(health.covered.values, kRollingSessions), kDigits)},
                       {"rolling", kRollingSessions},
                       {"target", health.evidence.coverage.promised}}}};
  return script_text(data);
}

std::string verdict_mark(DriftVerdict verdict) {
  return fmt::format("<span class=\"mark {0}\">{0}</span>", to_string(verdict));
}

std::string render_checks(const ModelHealth& health) {
  std::vector<HealthRow> rows;
  std::string meanings;
  for (const auto& line : health.lines) {
    rows.push_back({{html::escape(line.check)},
                    {html::escape(line.value)},
                    {html::escape(line.threshold)},
                    {verdict_mark(line.verdict)},
                    {line.action == DriftAction::kNone ? "" : std::string(to_string(line.action))}});
    meanings += fmt::format("<li>{}: {}</li>\n", html::escape(line.check), html::escape(line.meaning));
  }
  const auto table = html::table(
      "Checks", {{"Check", true}, {"Value", true}, {"Watch, act", true}, {"Verdict", true}, {"To do", true}},
      rows);
  return html::section(
      "checks", "What was checked",
      "Each number against the thresholds from which on it is watched, and from which on something is done.",
      table + html::details("What each check says", "<ul>\n" + meanings + "</ul>\n"));
}

html::TableCell number_cell(double value, int decimals) {
  return {html::number(value, decimals), std::isfinite(value) ? fmt::format("{}", value) : ""};
}

html::TableCell percent_cell(double value) {
  return {html::percent(value, 1), std::isfinite(value) ? fmt::format("{}", value) : ""};
}

HealthRow feature_row(const JudgedFeature& feature) {
  const auto& drift = feature.drift;
  return {{fmt::format("<code>{}</code>", html::escape(drift.feature)), html::escape(drift.feature)},
          percent_cell(feature.weight),
          number_cell(drift.psi, 3),
          number_cell(drift.psi_before, 3),
          number_cell(drift.ks, 3),
          number_cell(drift.ks_before, 3),
          number_cell(drift.ks_q, 3),
          percent_cell(drift.reference_share),
          percent_cell(drift.recent_share),
          {verdict_mark(feature.worst()), std::to_string(static_cast<int>(feature.worst()))}};
}

std::string render_features(const ModelHealth& health) {
  const auto& features = health.judgement.features;
  const std::size_t listed = std::min(kListedFeatures, features.size());
  std::vector<HealthRow> rows;
  for (std::size_t i = 0; i < listed; ++i) rows.push_back(feature_row(features[i]));
  html::Figure figure;
  figure.name = "monitor-features";
  figure.title = "The features that moved most";
  figure.label = "Bar chart of the population stability index of the features that moved most.";
  figure.caption =
      "Bar: population stability index of the recent sessions against the training span. Tick: the largest "
      "that any "
      "block of as many sessions of the training span itself had. A bar beyond both its tick and the second "
      "dashed line "
      "counts as moved.";
  figure.tall = true;
  std::string lead =
      fmt::format("{} of {} are fine", count_features(health, DriftVerdict::kOk), features.size());
  lead += listed < features.size() ? fmt::format("; the {} worst are listed.", listed) : std::string(".");
  const auto table = html::table("Features, worst first",
                                 {{"Feature", true},
                                  {"Weight"},
                                  {"PSI"},
                                  {"In training"},
                                  {"KS"},
                                  {"In training"},
                                  {"False discovery rate"},
                                  {"Had values"},
                                  {"Has values"},
                                  {"Verdict", true}},
                                 rows, true);
  return html::section("features", "Features", lead, html::figure(figure) + table);
}

std::string render_scores(const ModelHealth& health) {
  html::Figure ic;
  ic.name = "monitor-rank-ic";
  ic.title = "Rank IC";
  ic.label = "Line chart of the rolling mean of the daily rank IC, before and in the recent sessions.";
  ic.caption = fmt::format(
      "Mean of {} sessions. Up to the vertical line the walk forward's scores, each by a model that had not "
      "seen the "
      "day; after it this model's. Dashed: the mean of either side.",
      kRollingSessions);
  html::Figure covered;
  covered.name = "interval-coverage";
  covered.title = "Intervals that held";
  covered.label = "Line chart of the share of intervals that held what came, over the recent sessions.";
  covered.caption = fmt::format("Mean of {} sessions, beside what is promised.", kRollingSessions);
  std::string figures = html::figure(ic);
  if (health.covered.dates.size() >= kRollingSessions) figures += html::figure(covered);
  return html::section("scores", "Scores",
                       "Whether they still rank what follows, and whether their intervals hold.", figures);
}

std::string verdict_sentence(const ModelHealth& health) {
  std::vector<std::string> watched;
  std::vector<std::string> due;
  for (const auto& line : health.lines) {
    if (line.verdict == DriftVerdict::kAct) due.push_back(line.check);
    if (line.verdict == DriftVerdict::kWatch) watched.push_back(line.check);
  }
  std::string text = due.empty() ? "Nothing is to be done."
                                 : fmt::format("To do: {}, for {}.", to_string(health.judgement.action),
                                               fmt::join(due, "; "));
  if (!watched.empty()) text += fmt::format(" To watch: {}.", fmt::join(watched, "; "));
  return text;
}

std::string render_verdict(const ModelHealth& health) {
  std::string text = fmt::format("<p class=\"verdict\">{}</p>\n", html::escape(verdict_sentence(health)));
  for (const auto& note : health.notes) text += fmt::format("<p>{}</p>\n", html::escape(note));
  if (health.next.empty()) return text;
  return text + fmt::format("<pre><code>{}</code></pre>\n",
                            html::escape(fmt::format("{}", fmt::join(health.next, "\n"))));
}

std::string render_head(const ModelHealth& health) {
  std::string text;
  if (!health.banner.empty())
    text = fmt::format("<p class=\"simulated\" role=\"note\">{}</p>\n", html::escape(health.banner));
  const auto stage = health.stage.empty() ? std::string() : ", " + health.stage;
  return text + fmt::format(
                    "<h1>{}</h1>\n<p class=\"subtitle\">Does the model still fit? {}{}, trained on {}; "
                    "looked at on the {} "
                    "sessions {} of {}</p>\n",
                    html::escape(health.title), html::escape(health.model), html::escape(stage),
                    html::date_range(health.trained_first, health.trained_last), health.recent_sessions,
                    html::date_range(health.recent_first, health.recent_last), html::escape(health.data));
}

}  // namespace

std::size_t count_features(const ModelHealth& health, DriftVerdict verdict) {
  const auto& features = health.judgement.features;
  return static_cast<std::size_t>(std::count_if(
      features.begin(), features.end(), [&](const auto& feature) { return feature.worst() == verdict; }));
}

std::string render_model_health(const ModelHealth& health) {
  html::Page page;
  page.title = health.title + ", monitor";
  page.simulated = !health.banner.empty();
  page.links = {{"checks", "Checks"}, {"scores", "Scores"}, {"features", "Features"}};
  page.content = render_head(health) + render_verdict(health) + render_checks(health) +
                 render_scores(health) + render_features(health);
  page.content +=
      "<footer>Made by Orrery from a stored model and its prices. Past results do not foretell future "
      "ones.</footer>\n";
  page.chart_data = health_chart_data(health);
  return html::render_page(page);
}

}  // namespace orrery
