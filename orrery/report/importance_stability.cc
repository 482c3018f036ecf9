#include "orrery/report/importance_stability.h"

#include <algorithm>
#include <map>
#include <set>

#include "orrery/base/statistics.h"
#include "orrery/factor/evaluation.h"

namespace orrery {
namespace {

constexpr std::size_t kTop = 20;
constexpr std::size_t kShareOfTop = 4;  // of few features no more than a quarter are "the heaviest"

/// One fold's importances in the order of all features' names, and its heaviest features.
struct FoldView {
  std::size_t fold = 0;
  std::vector<double> importance;
  std::set<std::size_t> top;
};

std::map<std::string, std::size_t> number_features(std::span<const std::vector<ImportanceEntry>> folds) {
  std::map<std::string, std::size_t> numbers;
  for (const auto& fold : folds) {
    for (const ImportanceEntry& entry : fold) numbers.emplace(entry.feature, 0);
  }
  std::size_t next = 0;
  for (auto& [feature, number] : numbers) number = next++;
  return numbers;
}

std::set<std::size_t> heaviest(const std::vector<double>& importance, std::size_t top) {
  std::vector<std::size_t> order(importance.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return importance[a] > importance[b]; });
  return {order.begin(), order.begin() + static_cast<std::ptrdiff_t>(top)};
}

std::vector<FoldView> view_folds(std::span<const std::vector<ImportanceEntry>> folds,
                                 const std::map<std::string, std::size_t>& numbers, std::size_t top) {
  std::vector<FoldView> views;
  for (std::size_t f = 0; f < folds.size(); ++f) {
    if (folds[f].empty()) continue;
    FoldView view{f, std::vector<double>(numbers.size(), 0.0), {}};
    for (const ImportanceEntry& entry : folds[f]) {
      view.importance[numbers.at(entry.feature)] += entry.importance;
    }
    view.top = heaviest(view.importance, top);
    views.push_back(std::move(view));
  }
  return views;
}

double correlate_ranks(const std::vector<double>& a, const std::vector<double>& b) {
  std::vector<double> a_ranks(a.size());
  std::vector<double> b_ranks(b.size());
  rank_average_ties(a, a_ranks);
  rank_average_ties(b, b_ranks);
  return pearson_correlation(a_ranks, b_ranks);
}

FoldAgreement compare(const FoldView& a, const FoldView& b) {
  FoldAgreement agreement;
  agreement.first = a.fold;
  agreement.second = b.fold;
  agreement.rank_correlation = correlate_ranks(a.importance, b.importance);
  if (a.top.empty()) return agreement;
  const auto common =
      std::count_if(a.top.begin(), a.top.end(), [&](std::size_t i) { return b.top.contains(i); });
  agreement.top_in_common = static_cast<double>(common) / static_cast<double>(a.top.size());
  return agreement;
}

std::size_t count_in_every_top(const std::vector<FoldView>& views) {
  std::set<std::size_t> common = views.front().top;
  for (const FoldView& view : views) {
    std::erase_if(common, [&](std::size_t i) { return !view.top.contains(i); });
  }
  return common.size();
}

double mean_of(const std::vector<FoldAgreement>& pairs, double FoldAgreement::*member) {
  std::vector<double> values;
  for (const FoldAgreement& pair : pairs) values.push_back(pair.*member);
  return mean(drop_missing(values));
}

}  // namespace

ImportanceStability measure_importance_stability(std::span<const std::vector<ImportanceEntry>> folds) {
  ImportanceStability result;
  const auto numbers = number_features(folds);
  result.features = numbers.size();
  result.top = numbers.size() < 2 * kShareOfTop ? 0 : std::min(kTop, numbers.size() / kShareOfTop);
  const auto views = view_folds(folds, numbers, result.top);
  if (views.size() < 2) return result;
  for (std::size_t a = 0; a < views.size(); ++a) {
    for (std::size_t b = a + 1; b < views.size(); ++b) result.pairs.push_back(compare(views[a], views[b]));
  }
  result.mean_rank_correlation = mean_of(result.pairs, &FoldAgreement::rank_correlation);
  result.mean_top_in_common = mean_of(result.pairs, &FoldAgreement::top_in_common);
  result.in_every_top = count_in_every_top(views);
  if (result.top > 0) {
    result.top_in_common_by_chance = static_cast<double>(result.top) / static_cast<double>(result.features);
  }
  return result;
}

}  // namespace orrery
