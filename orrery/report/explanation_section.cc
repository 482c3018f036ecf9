#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/base/statistics.h"
#include "orrery/report/chart_json.h"
#include "orrery/report/explanation.h"
#include "orrery/report/html.h"

namespace orrery {
namespace {

using html::number;
using html::percent;
using html::TableCell;
using html::TableColumn;
using nlohmann::json;

constexpr std::size_t kExplainedFeatures = 15;
constexpr std::size_t kShownCurves = 9;
constexpr int kExplanationDigits = 7;
/// Rank correlations of folds from which their rankings are called alike, or partly so.
constexpr double kAlikeFrom = 0.7;
constexpr double kPartlyAlikeFrom = 0.4;

bool is_permuted(const ModelExplanation& explanation) {
  return std::any_of(explanation.folds.begin(), explanation.folds.end(),
                     [](const auto& fold) { return fold.permutation.has_value(); });
}

std::string say_relation(double relation) {
  if (!std::isfinite(relation)) return "–";
  return fmt::format("{} {}", relation > 0.0 ? "rises" : "falls", number(relation, 2));
}

/// One curve a fold of one feature, each less the mean score of its samples.
struct Curves {
  std::string feature;
  std::vector<const PartialDependence*> folds;  ///< null: the fold's model lacks the feature
};

std::vector<Curves> dependence_curves(const ModelExplanation& explanation) {
  std::vector<Curves> curves;
  for (std::size_t f = 0; f < explanation.folds.size(); ++f) {
    for (const auto& each : explanation.folds[f].dependence) {
      auto found = std::find_if(curves.begin(), curves.end(),
                                [&](const Curves& known) { return known.feature == each.feature; });
      if (found == curves.end()) found = curves.insert(curves.end(), {each.feature, {}});
      found->folds.resize(explanation.folds.size(), nullptr);
      found->folds[f] = &each;
    }
  }
  if (curves.size() > kShownCurves) curves.resize(kShownCurves);
  return curves;
}

std::vector<TableCell> explained_row(const ExplainedFeature& feature, bool has_contributions, bool permuted) {
  std::vector<TableCell> row{{html::escape(feature.feature)}};
  if (has_contributions) {
    row.push_back({percent(feature.share, 2)});
    row.push_back({fmt::format("{:.3g}", feature.mean_size)});
    row.push_back({say_relation(feature.relation)});
  }
  if (permuted) {
    row.push_back({number(feature.drop, 4)});
    row.push_back({number(feature.drop_deviation, 4)});
  }
  return row;
}

std::string contribution_caption(const ModelExplanation& explanation, bool permuted) {
  std::string caption;
  if (!explanation.method.empty()) {
    caption += fmt::format(
        "Left: each feature's share of the mean absolute contribution to the {} ({}), mean of the folds; "
        "dots are single folds. The colour says whether the score rises or falls with the feature, by the "
        "rank correlation of value and contribution; pale bars do neither clearly. ",
        explanation.unit, html::escape(explanation.method));
  }
  if (permuted) {
    const PermutationReport* any = nullptr;
    for (const auto& fold : explanation.folds) any = fold.permutation ? &*fold.permutation : any;
    caption += fmt::format(
        "{}: by how much the mean rank IC of {} test sessions a fold falls when the feature is shuffled "
        "within each session; whiskers are one standard deviation of the repeats, dots single folds. Below "
        "0: the "
        "fold did better without it. ",
        explanation.method.empty() ? "Bars" : "Right", any->sessions);
  }
  return caption +
         "Features that resemble each other share what they do: each alone looks smaller than all of them "
         "together. What a model leans on is no cause of returns.";
}

std::string contribution_figure(const ModelExplanation& explanation) {
  const auto ranked = rank_explained(explanation, kExplainedFeatures);
  if (ranked.empty()) return {};
  const bool has_contributions = !explanation.method.empty();
  const bool permuted = is_permuted(explanation);
  std::vector<TableColumn> columns = {{"Feature", true}};
  if (has_contributions) {
    for (const char* name : {"Share", "Mean size", "The score"}) columns.push_back({name});
  }
  if (permuted) {
    for (const char* name : {"Drop of rank IC", "Deviation"}) columns.push_back({name});
  }
  std::vector<std::vector<TableCell>> rows;
  for (const auto& feature : ranked) rows.push_back(explained_row(feature, has_contributions, permuted));
  html::Figure figure;
  figure.name = "explanation";
  figure.title = fmt::format("The {} features that move the score most", ranked.size());
  figure.label =
      fmt::format("Bar chart of the features' contributions; first is {}.", ranked.front().feature);
  figure.caption = contribution_caption(explanation, permuted);
  figure.numbers = html::table("What the model looks at", columns, rows);
  figure.tall = true;
  return html::figure(figure);
}

std::string dependence_figure(const ModelExplanation& explanation) {
  const auto curves = dependence_curves(explanation);
  if (curves.empty()) return {};
  std::vector<std::vector<TableCell>> rows;
  for (const auto& [feature, folds] : curves) {
    for (std::size_t f = 0; f < folds.size(); ++f) {
      if (folds[f] == nullptr || folds[f]->values.empty()) continue;
      const auto& curve = *folds[f];
      rows.push_back({{html::escape(feature)},
                      {fmt::format("{}", f + 1)},
                      {number(curve.values.front(), 3)},
                      {fmt::format("{:+.3g}", curve.scores.front() - curve.mean_score)},
                      {number(curve.values.back(), 3)},
                      {fmt::format("{:+.3g}", curve.scores.back() - curve.mean_score)}});
    }
  }
  html::Figure figure;
  figure.name = "dependence";
  figure.title = "How the score follows a feature";
  figure.label = fmt::format("Line charts of the mean score by the value of {} features.", curves.size());
  figure.caption =
      "Partial dependence: the mean score of a fold's sampled cells were the feature of all of them this "
      "large, less their mean score as they are; a line a fold, from the 2nd to the 98th percentile of the "
      "feature as the model sees it, after preprocessing. Where features move together the line shows "
      "combinations that hardly occur.";
  figure.numbers = html::table(
      "Partial dependence",
      {{"Feature", true}, {"Fold"}, {"Lowest value"}, {"Score"}, {"Highest value"}, {"Score"}}, rows);
  figure.tall = true;
  return html::figure(figure);
}

std::string say_agreement(const ModelExplanation& explanation) {
  const auto stability = explanation_stability(explanation);
  if (stability.pairs.empty()) return {};
  const double agreement = stability.mean_rank_correlation;
  const char* verdict = agreement >= kAlikeFrom ? "The ranking is stable: the folds lean on the same features"
                        : agreement >= kPartlyAlikeFrom
                            ? "The ranking is stable in part"
                            : "The ranking is not stable: each fold leans on other features, and little "
                              "should be read into the order";
  return fmt::format(" {} (mean rank correlation of the folds' contributions {}, over {} pair{}).", verdict,
                     number(agreement, 2), stability.pairs.size(), stability.pairs.size() == 1 ? "" : "s");
}

std::string explanation_lead(const ModelExplanation& explanation) {
  std::size_t samples = 0;
  for (const auto& fold : explanation.folds) samples += fold.samples;
  if (explanation.method.empty()) {
    return "What the scores lose without a feature. This model can't split its scores among its features.";
  }
  return fmt::format(
      "Every score is split among the features: what each one's value added to it ({}), on {} cells that the "
      "models were tested on, drawn at random.{}",
      html::escape(explanation.method), html::count(samples), say_agreement(explanation));
}

json contribution_json(const ModelExplanation& explanation) {
  json data = {{"contributions", !explanation.method.empty()},
               {"permutation", is_permuted(explanation)},
               {"features", json::array()}};
  for (const auto& feature : rank_explained(explanation, kExplainedFeatures)) {
    data["features"].push_back({{"name", feature.feature},
                                {"share", short_json(feature.share, kExplanationDigits)},
                                {"folds", short_json(feature.fold_shares, kExplanationDigits)},
                                {"relation", short_json(feature.relation, kExplanationDigits)},
                                {"drop", short_json(feature.drop, kExplanationDigits)},
                                {"deviation", short_json(feature.drop_deviation, kExplanationDigits)},
                                {"drops", short_json(feature.fold_drops, kExplanationDigits)}});
  }
  return data;
}

json dependence_json(const ModelExplanation& explanation) {
  json data = json::array();
  for (const auto& [feature, folds] : dependence_curves(explanation)) {
    json lines = json::array();
    for (const auto* curve : folds) {
      json points = json::array();
      for (std::size_t i = 0; curve != nullptr && i < curve->values.size(); ++i) {
        points.push_back({short_json(curve->values[i], kExplanationDigits),
                          short_json(curve->scores[i] - curve->mean_score, kExplanationDigits)});
      }
      lines.push_back(points);
    }
    data.push_back({{"name", feature}, {"folds", lines}});
  }
  return data;
}

}  // namespace

std::string render_explanation(const ModelExplanation& explanation) {
  const auto content = contribution_figure(explanation) + dependence_figure(explanation);
  if (content.empty()) return {};
  return html::section("explanation", "What the model looks at", explanation_lead(explanation), content);
}

std::string explanation_chart_json(const ModelExplanation& explanation) {
  json data = json::object();
  if (!rank_explained(explanation, 1).empty()) data["explanation"] = contribution_json(explanation);
  if (const auto curves = dependence_json(explanation); !curves.empty()) data["dependence"] = curves;
  return data.dump(-1, ' ', false, json::error_handler_t::replace);
}

}  // namespace orrery
