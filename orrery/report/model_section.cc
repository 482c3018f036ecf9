#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/report/chart_data.h"
#include "orrery/report/html.h"
#include "orrery/report/sections.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::signed_percent;
using html::TableCell;
using html::TableColumn;

constexpr std::size_t kShownFeatures = 20;

std::string importance_figure(const StudyReport& report) {
  const ImportanceTable table = rank_importance(report.folds, kShownFeatures);
  if (table.features.empty()) return {};
  std::vector<TableColumn> columns = {{"Feature", true}, {"Mean"}};
  for (std::size_t f = 0; f < table.folds.size(); ++f) columns.push_back({fmt::format("Fold {}", f + 1)});
  std::vector<std::vector<TableCell>> rows;
  for (std::size_t i = 0; i < table.features.size(); ++i) {
    rows.push_back({{html::escape(table.features[i])}, {percent(table.mean[i], 2)}});
    for (const auto& fold : table.folds) rows.back().push_back({percent(fold[i], 2)});
  }
  html::Figure figure;
  figure.name = "importance";
  figure.title = fmt::format("What the model looked at: the {} heaviest features", table.features.size());
  figure.label = fmt::format("Bar chart of feature importance; the heaviest is {} with {}.",
                             table.features.front(), percent(table.mean.front(), 1));
  figure.caption = fmt::format(
      "Share of each feature in the model's total {}, mean of the folds. Dots are the single folds: where "
      "they lie far "
      "apart, the folds learned different things, and little should be read into the order.",
      html::escape(report.importance_unit));
  figure.numbers = html::table("Feature importance", columns, rows);
  figure.tall = true;
  return html::figure(figure);
}

/// What each model of an ensemble counted for, fold by fold. Every fold has the same members.
std::string member_figure(const std::vector<FoldSection>& folds) {
  const auto& members = folds.front().members;
  if (members.empty()) return {};
  std::vector<TableColumn> columns = {{"Model", true}};
  for (std::size_t f = 0; f < folds.size(); ++f) {
    columns.push_back({fmt::format("Weight, fold {}", f + 1)});
    columns.push_back({"Rank IC, valid"});
  }
  std::vector<std::vector<TableCell>> rows;
  for (std::size_t i = 0; i < members.size(); ++i) {
    rows.push_back({{html::escape(members[i].name)}});
    for (const FoldSection& fold : folds) {
      rows.back().push_back({percent(fold.members[i].weight, 1)});
      rows.back().push_back({number(fold.members[i].valid_rank_ic, 4)});
    }
  }
  return "<figure><h3>The models of the ensemble</h3>" + html::table("Members", columns, rows) +
         "<figcaption>The weight of each model in the score (with stacking, its share in what the final "
         "model "
         "looks at), and its rank IC on the validation span, which also decided when it stopped: it "
         "flatters. "
         "</figcaption></figure>\n";
}

/// A segment that a fold does not have (no validation, say) has default dates.
bool is_span(Date first, Date last) { return first != Date{} && first <= last; }

/// Places spans of dates on one scale from the first training to the last test date.
class DateScale {
 public:
  explicit DateScale(const std::vector<FoldSection>& folds)
      : first_(folds.front().train_first), last_(folds.front().test_last) {
    for (const FoldSection& fold : folds) {
      first_ = std::min(first_, fold.train_first);
      last_ = std::max(last_, fold.test_last);
    }
  }

  std::string span(const char* kind, Date first, Date last) const {
    if (!is_span(first, last)) return {};
    const double days = last_ - first_ + 1;
    return fmt::format("<div class=\"span {}\" style=\"left:{:.2f}%;width:{:.2f}%\" title=\"{} {}\"></div>",
                       kind, 100.0 * (first - first_) / days, 100.0 * (last - first + 1) / days, kind,
                       html::date_range(first, last));
  }

 private:
  Date first_;
  Date last_;
};

std::string render_timeline(const std::vector<FoldSection>& folds) {
  const DateScale scale(folds);
  std::string html =
      "<div class=\"keys\"><span><i class=\"train\"></i>Train</span><span><i "
      "class=\"valid\"></i>Validate</span>"
      "<span><i class=\"test\"></i>Test</span></div><div class=\"timeline\" aria-hidden=\"true\">";
  for (std::size_t i = 0; i < folds.size(); ++i) {
    const FoldSection& fold = folds[i];
    html += fmt::format("<div class=\"lane\"><span>Fold {}</span><div class=\"track\">{}{}{}</div></div>",
                        i + 1, scale.span("train", fold.train_first, fold.train_last),
                        scale.span("valid", fold.valid_first, fold.valid_last),
                        scale.span("test", fold.test_first, fold.test_last));
  }
  return html + "</div>\n";
}

std::string two_lines(Date first, Date last) {
  if (!is_span(first, last)) return "–";
  return fmt::format("{} to<br>{}", to_string(first), to_string(last));
}

std::string fold_table(const std::vector<FoldSection>& folds) {
  std::vector<std::vector<TableCell>> rows;
  for (std::size_t i = 0; i < folds.size(); ++i) {
    const FoldSection& fold = folds[i];
    rows.push_back({{fmt::format("{}", i + 1)},
                    {two_lines(fold.train_first, fold.train_last)},
                    {two_lines(fold.valid_first, fold.valid_last)},
                    {two_lines(fold.test_first, fold.test_last)},
                    {html::count(fold.train_rows)},
                    {html::count(fold.purged_rows)},
                    {fold.rounds > 0 ? fmt::format("{}", fold.rounds) : "–"},
                    {number(fold.test_ic, 4)},
                    {number(fold.test_rank_ic, 4)}});
  }
  const std::vector<TableColumn> columns = {{"Fold"},       {"Train", true},   {"Validate", true},
                                            {"Test", true}, {"Training rows"}, {"Purged rows"},
                                            {"Rounds"},     {"IC, test"},      {"Rank IC, test"}};
  return html::table("Folds", columns, rows);
}

std::string fold_figure(const std::vector<FoldSection>& folds) {
  return "<figure><h3>Folds</h3>" + render_timeline(folds) + fold_table(folds) +
         "<figcaption>Each fold learns on its training span, stops by its validation span and is judged on "
         "its test span "
         "alone, which lies after both. Purged rows are left out of training because their label reaches "
         "into the next "
         "span.</figcaption></figure>\n";
}

std::string describe_change(const Recommendation& entry) {
  if (entry.weight > 0.0 && entry.change >= entry.weight) return "new";
  if (entry.weight == 0.0) return "sold";
  return signed_percent(entry.change, 2);
}

std::string interval_text(const Recommendation& entry) {
  if (!std::isfinite(entry.upper - entry.lower)) return "–";
  return fmt::format("{} to {}", signed_percent(entry.lower, 1), signed_percent(entry.upper, 1));
}

std::string recommendation_table(const StudyReport& report) {
  std::vector<std::vector<TableCell>> rows;
  for (const Recommendation& entry : report.recommendations) {
    rows.push_back({{html::escape(entry.symbol)},
                    {entry.sector.empty() ? "–" : html::escape(entry.sector)},
                    {entry.rank > 0 ? fmt::format("{}", entry.rank) : "–", fmt::format("{}", entry.rank)},
                    {number(entry.score, 4), fmt::format("{:.9g}", entry.score)},
                    {percent(entry.weight, 2), fmt::format("{:.9g}", entry.weight)},
                    {describe_change(entry), fmt::format("{:.9g}", entry.change)},
                    {signed_percent(entry.expected, 2), fmt::format("{:.9g}", entry.expected)},
                    {interval_text(entry), fmt::format("{:.9g}", entry.upper - entry.lower)}});
  }
  return html::table("Recommendations",
                     {{"Symbol", true},
                      {"Sector", true},
                      {"Rank"},
                      {"Score"},
                      {"Weight"},
                      {"Change"},
                      {"Expected"},
                      {"Interval"}},
                     rows, true);
}

std::string sector_figure(const StudyReport& report) {
  if (report.sectors.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  for (const SectorExposure& entry : report.sectors) {
    rows.push_back({{html::escape(entry.sector)},
                    {percent(entry.weight)},
                    {percent(entry.universe_weight)},
                    {signed_percent(entry.weight - entry.universe_weight)}});
  }
  html::Figure figure;
  figure.name = "sectors";
  figure.title = "Where the money was";
  figure.label = "Bar chart of the mean weight of each sector in the portfolio and in the universe.";
  figure.caption =
      "Mean weight of each sector over the test span, beside its share of the equal-weight universe. Large "
      "gaps are bets "
      "on sectors, which the score may not have been meant to make. Sectors are as of one date.";
  figure.numbers =
      html::table("Sectors", {{"Sector", true}, {"Portfolio"}, {"Universe"}, {"Difference"}}, rows);
  return html::figure(figure);
}

}  // namespace

std::string render_model(const StudyReport& report) {
  if (report.folds.empty()) return {};
  return html::section(
      "model", "Model",
      "How the model was trained, and what it made its scores of. All results on this page come from test "
      "spans that the model had not seen.",
      importance_figure(report) + member_figure(report.folds) + render_searches(report.folds) +
          fold_figure(report.folds));
}

std::string render_recommendations(const StudyReport& report) {
  if (report.recommendations.empty() && report.sectors.empty()) return {};
  std::string content;
  if (!report.recommendations.empty()) {
    content += fmt::format(
        "<figure><h3>Target weights after the close of {}</h3>{}<figcaption>Click a heading to sort. Rank 1 "
        "is the "
        "highest score of the day. Change is the target minus the weight held before. Expected is the return "
        "that such a score has been "
        "worth, over the label's span and before costs, with the interval of \"How sure\". This is the "
        "output of "
        "a "
        "model, not advice.</figcaption></figure>\n",
        to_string(report.recommendations_date), recommendation_table(report));
  }
  return html::section("recommendations", "Latest recommendations",
                       "What the strategy would hold after the last session of the data.",
                       content + sector_figure(report));
}

}  // namespace orrery
