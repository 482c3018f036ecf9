#include "orrery/app/explanation_tables.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/not_a_number.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

/// What shuffling one feature did in a fold, if that was asked for.
const PermutationImportance* find_shuffled(const FoldExplanation& fold, const std::string& feature) {
  if (!fold.permutation) return nullptr;
  const auto& all = fold.permutation->features;
  const auto found =
      std::find_if(all.begin(), all.end(), [&](const auto& each) { return each.feature == feature; });
  return found == all.end() ? nullptr : &*found;
}

/// The contributions of a fold; where there are none, the features that were shuffled, without sizes.
std::vector<FeatureContribution> listed_features(const FoldExplanation& fold) {
  if (!fold.contributions.empty() || !fold.permutation) return fold.contributions;
  std::vector<FeatureContribution> listed;
  for (const auto& each : fold.permutation->features) listed.push_back({each.feature, kNaN, kNaN});
  return listed;
}

/// One row a fold and feature; NaN where nobody asked.
Table features_table(const ModelExplanation& explanation) {
  std::vector<std::int64_t> folds;
  std::vector<std::string> features;
  std::vector<double> sizes, relations, drops, deviations;
  for (std::size_t f = 0; f < explanation.folds.size(); ++f) {
    for (const auto& each : listed_features(explanation.folds[f])) {
      const auto* shuffled = find_shuffled(explanation.folds[f], each.feature);
      folds.push_back(static_cast<std::int64_t>(f + 1));
      features.push_back(each.feature);
      sizes.push_back(each.mean_size);
      relations.push_back(each.relation);
      drops.push_back(shuffled == nullptr ? kNaN : shuffled->mean_drop);
      deviations.push_back(shuffled == nullptr ? kNaN : shuffled->deviation);
    }
  }
  return {{{"fold", folds},
           {"feature", features},
           {"mean_size", sizes},
           {"relation", relations},
           {"rank_ic_drop", drops},
           {"rank_ic_drop_deviation", deviations}}};
}

Table dependence_table(const ModelExplanation& explanation) {
  std::vector<std::int64_t> folds;
  std::vector<std::string> features;
  std::vector<double> values, scores, means;
  for (std::size_t f = 0; f < explanation.folds.size(); ++f) {
    for (const auto& each : explanation.folds[f].dependence) {
      for (std::size_t i = 0; i < each.values.size(); ++i) {
        folds.push_back(static_cast<std::int64_t>(f + 1));
        features.push_back(each.feature);
        values.push_back(each.values[i]);
        scores.push_back(each.scores[i]);
        means.push_back(each.mean_score);
      }
    }
  }
  return {
      {{"fold", folds}, {"feature", features}, {"value", values}, {"score", scores}, {"mean_score", means}}};
}

/// One row a cell, one column a feature, the base value before them.
Table contributions_table(const ExplainedCells& explained, const MarketData& market) {
  const std::size_t width = explained.features.size() + 1;
  std::vector<Date> dates;
  std::vector<std::string> symbols;
  std::vector<std::vector<double>> columns(width);
  for (std::size_t i = 0; i < explained.cells.size(); ++i) {
    dates.push_back(market.dates[explained.cells[i].row]);
    symbols.push_back(market.symbols[explained.cells[i].instrument]);
    for (std::size_t f = 0; f < width; ++f) columns[f].push_back(explained.contributions[i * width + f]);
  }
  Table table{{{"date", dates}, {"symbol", symbols}, {"base_value", std::move(columns.back())}}};
  for (std::size_t f = 0; f + 1 < width; ++f)
    table.columns.push_back({explained.features[f], std::move(columns[f])});
  return table;
}

}  // namespace

void write_explanation(const StudyExplanation& explanation, const MarketData& market,
                       const std::filesystem::path& folder) {
  if (!explanation.told) return;
  std::filesystem::create_directories(folder);
  write_parquet(features_table(*explanation.told), folder / "features.parquet");
  write_parquet(dependence_table(*explanation.told), folder / "dependence.parquet");
  for (std::size_t i = 0; i < explanation.cells.size(); ++i) {
    write_parquet(contributions_table(explanation.cells[i], market),
                  folder / fmt::format("contributions_{}.parquet", i + 1));
  }
}

}  // namespace orrery
