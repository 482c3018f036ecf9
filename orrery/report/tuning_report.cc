#include "orrery/report/tuning_report.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "orrery/factor/evaluation.h"
#include "orrery/report/chart_json.h"
#include "orrery/report/html.h"
#include "orrery/report/page.h"

namespace orrery {
namespace {

using nlohmann::json;
using TuningRow = std::vector<html::TableCell>;

constexpr std::size_t kFewestForImportance = 8;
constexpr std::size_t kImportanceGroups = 4;
constexpr std::size_t kListedTrials = 20;
constexpr int kTrialDigits = 6;

/// Groups by place: equal places stay together, the groups as equal in size as that allows.
std::vector<std::size_t> group_by_place(const std::vector<double>& places) {
  std::vector<double> ranks(places.size());
  rank_average_ties(places, ranks);
  std::vector<std::size_t> groups;
  for (const double rank : ranks) {
    const double share = (rank - 0.5) / static_cast<double>(places.size());
    groups.push_back(static_cast<std::size_t>(share * kImportanceGroups));
  }
  return groups;
}

bool complete(const TuningReportTrial& trial) { return trial.state == "complete"; }

/// Complete trials, best first.
std::vector<const TuningReportTrial*> best_first(const TuningReport& report) {
  std::vector<const TuningReportTrial*> trials;
  for (const auto& trial : report.trials) {
    if (complete(trial)) trials.push_back(&trial);
  }
  std::stable_sort(trials.begin(), trials.end(), [&](const auto* a, const auto* b) {
    return report.higher_is_better ? a->value > b->value : a->value < b->value;
  });
  return trials;
}

/// What the page's charts are drawn from; '<' is escaped, so that it can stand in a script element.
std::string tuning_chart_data(const TuningReport& report) {
  json trials = json::array();
  for (const auto& trial : report.trials) {
    if (trial.state != "complete" && trial.state != "pruned") continue;
    json places = json::array();
    for (const double place : trial.place) places.push_back(short_json(place, kTrialDigits));
    trials.push_back({{"number", trial.number},
                      {"complete", complete(trial)},
                      {"value", short_json(trial.value, kTrialDigits)},
                      {"places", places},
                      {"settings", trial.setting}});
  }
  json names = json::array();
  json importance = json::array();
  for (const auto& setting : report.settings) {
    names.push_back(setting.name);
    importance.push_back(short_json(setting.importance, kTrialDigits));
  }
  const json data = {{"banner", report.banner},
                     {"tuning",
                      {{"objective", report.objective},
                       {"higher", report.higher_is_better},
                       {"names", names},
                       {"importance", importance},
                       {"trials", trials}}}};
  return script_text(data);
}

std::string history_figure(const TuningReport& report) {
  html::Figure figure;
  figure.name = "tuning-history";
  figure.title = "Trial by trial";
  figure.label = fmt::format("Scatter chart of {} by trial, with the best so far.", report.objective);
  figure.caption =
      "Every point a trial; the line is the best complete one so far. Pale ones were given up after some "
      "inner "
      "folds, with what they had by then.";
  return html::figure(figure);
}

std::string importance_figure(const TuningReport& report) {
  const auto trials = best_first(report).size();
  if (trials < kFewestForImportance) return {};
  html::Figure figure;
  figure.name = "tuning-importance";
  figure.title = "Which settings mattered";
  figure.label = "Bar chart of the importance of each setting.";
  figure.caption = fmt::format(
      "Share of the variance of the {} complete trials' ranks that four equal groups by the setting explain, "
      "each setting by itself. Chance alone gives about {}: a bar near it says nothing.",
      trials, html::percent(3.0 / static_cast<double>(trials - 1), 0));
  return html::figure(figure);
}

std::string coordinates_figure() {
  html::Figure figure;
  figure.name = "tuning-coordinates";
  figure.title = "Where the good ones lie";
  figure.label = "Parallel coordinates: one line a complete trial over the ranges of all settings.";
  figure.caption =
      "A line is a complete trial; each setting runs from the lower end of its range to the upper one, on "
      "the "
      "scale that was searched. The best tenth of the trials stands out: where their lines come together, a "
      "setting is pinned down.";
  figure.tall = true;
  return html::figure(figure);
}

std::string render_trials_table(const TuningReport& report) {
  std::vector<html::TableColumn> columns = {{"Trial"}, {html::escape(report.objective)}};
  for (const auto& setting : report.settings) columns.push_back({html::escape(setting.name)});
  std::vector<TuningRow> rows;
  const auto trials = best_first(report);
  for (std::size_t i = 0; i < std::min(kListedTrials, trials.size()); ++i) {
    auto& row = rows.emplace_back();
    row = {{std::to_string(trials[i]->number)}, {html::number(trials[i]->value, 4)}};
    for (const auto& value : trials[i]->setting) row.push_back({html::escape(value)});
  }
  return html::section("trials", "The best trials",
                       fmt::format("{} complete of {} begun.", trials.size(), report.trials.size()),
                       html::table("Trials, best first", columns, rows));
}

std::string render_settings_table(const TuningReport& report) {
  std::vector<TuningRow> rows;
  for (const auto& setting : report.settings)
    rows.push_back(
        {{fmt::format("<code>{}</code>", html::escape(setting.name))}, {html::escape(setting.range)}});
  std::string folds;
  for (const auto& fold : report.folds) folds += fmt::format("<li>{}</li>\n", html::escape(fold));
  return html::section("space", "What was searched, on which sessions", html::escape(report.span),
                       html::table("Settings and their ranges", {{"Setting", true}, {"Range", true}}, rows) +
                           "<ul>\n" + folds + "</ul>\n");
}

std::string render_best(const TuningReport& report) {
  if (report.best_yaml.empty()) return "<p class=\"verdict\">No trial is complete yet.</p>\n";
  std::string verdict;
  for (const auto& line : report.verdict) verdict += fmt::format("<p>{}</p>\n", html::escape(line));
  return html::section(
      "best", "The best settings",
      "Chosen on sessions before the first one that the study tests. What they are worth, a run of the study "
      "with "
      "them says: the best of many trials always looks too good where it was chosen.",
      fmt::format("<pre><code>{}</code></pre>\n{}", html::escape(report.best_yaml), verdict));
}

}  // namespace

double setting_importance(const std::vector<double>& places, const std::vector<double>& values) {
  if (values.size() < kFewestForImportance) return 0.0;
  std::vector<double> ranks(values.size());
  rank_average_ties(values, ranks);
  const double center = std::accumulate(ranks.begin(), ranks.end(), 0.0) / static_cast<double>(ranks.size());
  std::map<std::size_t, std::pair<double, double>> groups;  // sum and count of ranks
  const auto group = group_by_place(places);
  double total = 0.0;
  for (std::size_t i = 0; i < ranks.size(); ++i) {
    groups[group[i]].first += ranks[i];
    groups[group[i]].second += 1.0;
    total += (ranks[i] - center) * (ranks[i] - center);
  }
  double between = 0.0;
  for (const auto& [place, sums] : groups) {
    const double difference = sums.first / sums.second - center;
    between += sums.second * difference * difference;
  }
  return total > 0.0 ? between / total : 0.0;
}

std::string render_tuning_report(const TuningReport& report) {
  html::Page page;
  page.title = report.name + ", tuning";
  page.simulated = !report.banner.empty();
  page.links = {{"best", "Best"}, {"search", "Search"}, {"trials", "Trials"}, {"space", "Space"}};
  if (page.simulated)
    page.content = fmt::format("<p class=\"simulated\" role=\"note\">{}</p>\n", html::escape(report.banner));
  page.content += fmt::format(
      "<h1>{}</h1>\n<p class=\"subtitle\">Search for the model's settings: {} trials, "
      "objective {}</p>\n",
      html::escape(report.name), report.trials.size(), html::escape(report.objective));
  page.content += render_best(report);
  page.content += html::section("search", "The search", "",
                                history_figure(report) + importance_figure(report) + coordinates_figure());
  page.content += render_trials_table(report) + render_settings_table(report);
  page.content +=
      "<footer>Made by Orrery from the trials of a search. Past results do not foretell future "
      "ones.</footer>\n";
  page.chart_data = tuning_chart_data(report);
  return html::render_page(page);
}

}  // namespace orrery
