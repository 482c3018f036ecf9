#include "orrery/ml/permutation_importance.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/base/random.h"
#include "orrery/base/statistics.h"
#include "orrery/ml/rank_correlation.h"

namespace orrery {
namespace {

constexpr std::size_t kLeastPairs = 5;

/// The rank IC of every session that has one.
std::vector<double> session_rank_ics(const Dataset& data, std::span<const double> scores,
                                     const Panel& outcome) {
  std::vector<double> all;
  for (std::size_t g = 0; g + 1 < data.groups().size(); ++g) {
    std::vector<double> scored;
    std::vector<double> earned;
    for (std::size_t i = data.groups()[g]; i < data.groups()[g + 1]; ++i) {
      const Sample sample = data.samples()[i];
      const double value = outcome(sample.row, sample.instrument);
      if (!std::isfinite(scores[i]) || !std::isfinite(value)) continue;
      scored.push_back(scores[i]);
      earned.push_back(value);
    }
    if (scored.size() < kLeastPairs) continue;
    const double correlation = rank_correlation(scored, earned);
    if (std::isfinite(correlation)) all.push_back(correlation);
  }
  return all;
}

/// One feature of every cell that a model may read, shuffled within sessions again and again.
class ShuffledFeature {
 public:
  ShuffledFeature(const Dataset& cells, std::size_t feature, std::size_t rows)
      : cells_(cells), values_(cells.size()), panel_(rows, cells.instrument_count()) {
    cells.read_feature(feature, values_);
  }

  /// A session's order depends on the generator and the session alone.
  const FloatPanel& shuffle(const Random& random) {
    for (std::size_t g = 0; g + 1 < cells_.groups().size(); ++g) {
      const auto samples = std::span(cells_.samples()).subspan(cells_.groups()[g], group_size(g));
      std::vector<float> values(values_.begin() + static_cast<std::ptrdiff_t>(cells_.groups()[g]),
                                values_.begin() + static_cast<std::ptrdiff_t>(cells_.groups()[g + 1]));
      Random own = random.fork(samples.front().row);
      for (std::size_t left = values.size(); left > 1; --left) {
        std::swap(values[left - 1], values[static_cast<std::size_t>(own.below(left))]);
      }
      for (std::size_t i = 0; i < values.size(); ++i)
        panel_(samples[i].row, samples[i].instrument) = values[i];
    }
    return panel_;
  }

 private:
  std::size_t group_size(std::size_t group) const {
    return cells_.groups()[group + 1] - cells_.groups()[group];
  }

  const Dataset& cells_;
  std::vector<float> values_;
  FloatPanel panel_;
};

/// Predicts one data set again and again.
class RepeatedScoring {
 public:
  RepeatedScoring(const Model& model, const Panel& outcome, int threads)
      : model_(model), outcome_(outcome), threads_(threads) {}

  std::vector<double> rank_ics(const Dataset& data) {
    std::vector<double> scores(data.size());
    seconds_ += model_.predict(data, scores, threads_).library_seconds;
    return session_rank_ics(data, scores, outcome_);
  }
  LibrarySeconds library_seconds() const { return seconds_; }

 private:
  const Model& model_;
  const Panel& outcome_;
  int threads_;
  LibrarySeconds seconds_;
};

}  // namespace

PermutationReport permutation_importance(const Model& model, const Dataset& data, const Panel& outcome,
                                         const PermutationSpec& spec, LibrarySeconds& library_seconds) {
  RepeatedScoring scoring(model, outcome, spec.threads);
  PermutationReport report;
  const auto before = scoring.rank_ics(data);
  report.rank_ic = mean(before);
  report.sessions = before.size();
  const Dataset cells = data.with_history(model.describe().sessions_read - 1);
  for (const std::size_t feature : spec.features) {
    ShuffledFeature shuffled(cells, feature, outcome.rows());
    const Random random = Random(spec.seed).fork(feature);
    std::vector<double> drops;
    for (int repeat = 0; repeat < spec.repeats; ++repeat) {
      const auto& values = shuffled.shuffle(random.fork(static_cast<std::uint64_t>(repeat)));
      drops.push_back(report.rank_ic - mean(scoring.rank_ics(data.with_feature(feature, values))));
    }
    report.features.push_back({data.feature_names()[feature], mean(drops), standard_deviation(drops)});
  }
  library_seconds += scoring.library_seconds();
  return report;
}

}  // namespace orrery
