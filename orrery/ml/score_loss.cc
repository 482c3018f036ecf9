#include "orrery/ml/score_loss.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"
#include "orrery/ml/rank_ic.h"
#include "orrery/ml/session_correlation.h"

namespace orrery {
namespace {

constexpr std::size_t kFifths = 5;

double mean_squared_error(std::span<const double> labels, std::span<const double> scores) {
  double sum = 0.0;
  for (std::size_t i = 0; i < labels.size(); ++i) sum += (scores[i] - labels[i]) * (scores[i] - labels[i]);
  return sum / static_cast<double>(labels.size());
}

/// Mean label of the highest fifth less that of the lowest; equal scores stand in sample order.
double spread_of(std::span<const double> scores, std::span<const double> labels) {
  std::vector<std::size_t> order(scores.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](std::size_t a, std::size_t b) { return scores[a] < scores[b]; });
  const std::size_t fifth = scores.size() / kFifths;
  double sum = 0.0;
  for (std::size_t i = 0; i < fifth; ++i) sum += labels[order[order.size() - 1 - i]] - labels[order[i]];
  return sum / static_cast<double>(fifth);
}

}  // namespace

const std::vector<std::string>& score_objectives() {
  static const std::vector<std::string> names = {"rank_ic", "ic", "loss"};
  return names;
}

double score_loss(const std::string& objective, const Dataset& data, std::span<const double> scores) {
  if (objective == "rank_ic") return -RankIc(data)(scores);
  if (objective == "ic") return -mean_correlation(scores, data.labels(), data.groups());
  if (objective == "loss") return mean_squared_error(data.labels(), scores);
  throw user_error(ErrorCode::kInvalidArgument, fmt::format("no objective is named '{}'", objective));
}

ScoreSpreads score_spreads(const Dataset& data, std::span<const double> scores) {
  ScoreSpreads spreads;
  for (std::size_t group = 0; group + 1 < data.groups().size(); ++group) {
    const std::size_t begin = data.groups()[group];
    const std::size_t count = data.groups()[group + 1] - begin;
    if (count < kFifths) continue;
    spreads.rows.push_back(data.samples()[begin].row);
    spreads.values.push_back(spread_of(scores.subspan(begin, count), data.labels().subspan(begin, count)));
  }
  return spreads;
}

}  // namespace orrery
