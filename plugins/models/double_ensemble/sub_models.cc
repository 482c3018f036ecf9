#include "plugins/models/double_ensemble/sub_models.h"

#include <algorithm>

#include "orrery/ml/cross_section.h"
#include "plugins/models/linear/blocks.h"

namespace orrery::plugins::models::double_ensemble {
namespace {

constexpr std::size_t kRoundsTogether = 16;

/// Squared errors of the samples `counted` after rounds [first, first + count), a round after the other.
std::vector<std::vector<double>> losses_after(const SubModel& model, const Dataset& seen,
                                              const std::vector<std::size_t>& counted, std::size_t first,
                                              std::size_t count, int threads) {
  std::vector<std::vector<double>> losses(count, std::vector<double>(seen.size()));
  linear::for_each_block(seen, threads, [&](std::size_t begin, std::size_t samples, const float* rows) {
    for (std::size_t i = 0; i < samples; ++i) {
      double score = 0.0;
      for (std::size_t tree = 0; tree < first + count; ++tree) {
        score += model.forest.output(tree, rows + i * seen.feature_count());
        const double error = seen.labels()[begin + i] - score;
        if (tree >= first) losses[tree - first][begin + i] = error * error;
      }
    }
  });
  for (auto& round : losses) {
    for (std::size_t i = 0; i < counted.size(); ++i) round[i] = round[counted[i]];
    round.resize(counted.size());
  }
  return losses;
}

/// Sums of ranks over rounds [begin, end).
std::vector<double> rank_sums(const SubModel& model, const Dataset& seen,
                              const std::vector<std::size_t>& counted, std::size_t begin, std::size_t end,
                              int threads) {
  std::vector<double> sums(counted.size());
  for (std::size_t first = begin; first < end; first += kRoundsTogether) {
    const auto losses =
        losses_after(model, seen, counted, first, std::min(kRoundsTogether, end - first), threads);
    for (const auto& round : losses) {
      const auto ranks = average_ranks(round);
      for (std::size_t i = 0; i < sums.size(); ++i) sums[i] += ranks[i];
    }
  }
  return sums;
}

}  // namespace

std::vector<double> ensemble_scores(const std::vector<SubModel>& models, const Dataset& data, int threads) {
  std::vector<double> scores(data.size());
  double weight = 0.0;
  for (const auto& model : models) {
    weight += model.weight;
    const Dataset seen = data.with_columns(model.features);
    linear::for_each_block(seen, threads, [&](std::size_t begin, std::size_t count, const float* rows) {
      for (std::size_t i = 0; i < count; ++i) {
        double score = 0.0;
        for (std::size_t tree = 0; tree < model.forest.size(); ++tree)
          score += model.forest.output(tree, rows + i * seen.feature_count());
        scores[begin + i] += model.weight * score;
      }
    });
  }
  for (double& score : scores) score /= weight;
  return scores;
}

LearningCurves learning_curves(const SubModel& model, const Dataset& data,
                               const std::vector<std::size_t>& counted, int threads) {
  const Dataset seen = data.with_columns(model.features);
  const std::size_t rounds = model.forest.size();
  const auto tenth = std::max<std::size_t>(static_cast<std::size_t>(static_cast<double>(rounds) * 0.1), 1);
  return {rank_sums(model, seen, counted, 0, tenth, threads),
          rank_sums(model, seen, counted, rounds - tenth, rounds, threads)};
}

}  // namespace orrery::plugins::models::double_ensemble
