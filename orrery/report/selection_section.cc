#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::TableCell;
using html::TableColumn;

constexpr std::size_t kShownSelected = 20;

const SelectionCandidate* find_candidate(const FeatureSelection& selection, const std::string& feature) {
  for (const auto& candidate : selection.candidates) {
    if (candidate.feature == feature) return &candidate;
  }
  return nullptr;
}

/// Its IC where the fold chose it, in brackets where it only considered it.
TableCell fold_cell(const FeatureSelection& selection, const std::string& feature) {
  const auto* candidate = find_candidate(selection, feature);
  if (candidate == nullptr) return {"–", "-9"};
  const auto sort_value = fmt::format("{:.9g}", candidate->ic);
  if (candidate->chosen()) return {number(candidate->ic, 4), sort_value};
  return {fmt::format("<span title=\"left out: correlation {} with {}\">({})</span>",
                      number(candidate->correlation, 2), html::escape(candidate->resembles),
                      number(candidate->ic, 4)),
          sort_value};
}

double mean_size_of_ic(const StudyReport& report, const std::string& feature) {
  double sum = 0.0;
  for (const auto& selection : report.selections) {
    const auto* candidate = find_candidate(selection, feature);
    if (candidate != nullptr) sum += std::fabs(candidate->ic);
  }
  return sum / static_cast<double>(report.selections.size());
}

/// Those chosen equally often by the size of their IC.
void sort_by_ic(const StudyReport& report, SelectionStability& stability) {
  std::map<std::string, double> sizes;
  for (const auto& [feature, folds] : stability.counts) sizes[feature] = mean_size_of_ic(report, feature);
  std::stable_sort(stability.counts.begin(), stability.counts.end(), [&](const auto& a, const auto& b) {
    return a.folds != b.folds ? a.folds > b.folds : sizes[a.feature] > sizes[b.feature];
  });
}

std::string feature_table(const StudyReport& report, const SelectionStability& stability) {
  std::vector<TableColumn> columns = {{"Feature", true}, {"Chosen by"}};
  for (std::size_t f = 0; f < report.selections.size(); ++f)
    columns.push_back({fmt::format("Fold {}", f + 1)});
  std::vector<std::vector<TableCell>> rows;
  for (std::size_t i = 0; i < std::min(kShownSelected, stability.counts.size()); ++i) {
    const auto& [feature, folds] = stability.counts[i];
    rows.push_back({{html::escape(feature)}, {fmt::format("{} of {}", folds, report.selections.size())}});
    for (const auto& selection : report.selections) rows.back().push_back(fold_cell(selection, feature));
  }
  return html::table("Features by the number of folds that chose them", columns, rows, true);
}

std::string fold_table(const StudyReport& report, const SelectionStability& stability) {
  std::vector<std::vector<TableCell>> rows;
  for (std::size_t f = 0; f < report.selections.size(); ++f) {
    const auto& candidates = report.selections[f].candidates;
    const auto chosen = report.selections[f].names();
    const auto& best = candidates.front();
    rows.push_back({{fmt::format("{}", f + 1)},
                    {html::count(chosen.size())},
                    {html::count(candidates.size() - chosen.size())},
                    {f == 0 ? "–" : percent(stability.jaccard[f - 1], 0)},
                    {html::escape(best.feature)},
                    {number(best.ic, 4)}});
  }
  return html::table("Selection by fold",
                     {{"Fold"},
                      {"Chosen"},
                      {"Left out as too alike"},
                      {"Shared with the fold before"},
                      {"Largest IC", true},
                      {"IC, training"}},
                     rows);
}

std::string lead_of(const SelectionSpec& spec) {
  return fmt::format(
      "Each fold chose its features by itself, on its purged training span alone: at most {}, by the size of "
      "their mean daily {}, none with a correlation above {} in size with one chosen before.",
      spec.top, spec.by == SelectionSpec::By::kIc ? "IC" : "rank IC", spec.max_correlation);
}

std::string stability_caption(const SelectionStability& stability, std::size_t folds) {
  const auto always = std::count_if(stability.counts.begin(), stability.counts.end(),
                                    [&](const auto& count) { return count.folds == folds; });
  std::string text = fmt::format("{} features were chosen at least once, {} by every fold.",
                                 stability.counts.size(), always);
  if (std::isfinite(stability.mean_jaccard())) {
    text += fmt::format(
        " Consecutive folds share {} of the features that either of them chose: the less they share, the "
        "more "
        "the choice follows noise.",
        percent(stability.mean_jaccard(), 0));
  }
  return text;
}

}  // namespace

std::string render_selection(const StudyReport& report) {
  if (report.selections.empty()) return {};
  std::vector<std::vector<std::string>> names;
  for (const auto& selection : report.selections) names.push_back(selection.names());
  SelectionStability stability = selection_stability(names);
  sort_by_ic(report, stability);
  const std::string folds =
      fmt::format("<figure><h3>How steady the choice was</h3>{}<figcaption>{}</figcaption></figure>\n",
                  fold_table(report, stability), stability_caption(stability, report.selections.size()));
  const std::string features = fmt::format(
      "<figure><h3>The features chosen most often</h3>{}<figcaption>IC of each feature on the fold's "
      "training "
      "span. In brackets: considered, but too alike to one chosen before. A dash: not reached. {} of {} "
      "features are shown; models/fold_N/selection.json has all.</figcaption></figure>\n",
      feature_table(report, stability), std::min(kShownSelected, stability.counts.size()),
      stability.counts.size());
  return html::section("selection", "Selection of features", lead_of(report.selections.front().spec),
                       folds + features);
}

}  // namespace orrery
