#include "plugins/models/double_ensemble/feature_choice.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "orrery/base/random.h"
#include "orrery/base/threads.h"
#include "plugins/models/linear/blocks.h"

namespace orrery::plugins::models::double_ensemble {
namespace {

/// Features shuffled together: the samples are read once for all of them.
constexpr std::size_t kFeaturesTogether = 16;
constexpr double kNextToNoDeviation = 1e-7;

/// A feature with its values in another order, and what that adds to every sample's loss.
struct Shuffled {
  std::size_t feature = 0;
  std::vector<float> values;
  std::vector<double> added_loss;
};

/// Knows where the features of the whole data set stand in each sub-model.
class Ensemble {
 public:
  Ensemble(const std::vector<SubModel>& models, std::size_t features) : models_(models) {
    double total = 0.0;
    for (const auto& model : models) {
      total += model.weight;
      positions_.emplace_back(features, kUnseen);
      for (std::size_t own = 0; own < model.features.size(); ++own)
        positions_.back()[model.features[own]] = own;
    }
    for (const auto& model : models) shares_.push_back(model.weight / total);
  }

  bool splits_on(std::size_t feature) const {
    for (std::size_t m = 0; m < models_.size(); ++m) {
      if (!trees_on(m, feature).empty()) return true;
    }
    return false;
  }

  /// What a sample's score grows by where `value` takes the place of its own. `rows`: what each sub-model
  /// sees of the sample.
  double change(const std::vector<const float*>& rows, std::size_t feature, float value) const {
    double sum = 0.0;
    for (std::size_t m = 0; m < models_.size(); ++m) {
      double own = 0.0;
      for (const std::size_t tree : trees_on(m, feature))
        own += models_[m].forest.change(tree, rows[m], positions_[m][feature], value);
      sum += shares_[m] * own;
    }
    return sum;
  }

 private:
  static constexpr std::size_t kUnseen = std::numeric_limits<std::size_t>::max();

  std::span<const std::size_t> trees_on(std::size_t model, std::size_t feature) const {
    const std::size_t own = positions_[model][feature];
    return own == kUnseen ? std::span<const std::size_t>() : models_[model].forest.trees_on(own);
  }

  const std::vector<SubModel>& models_;
  std::vector<std::vector<std::size_t>> positions_;  ///< by sub-model, by feature
  std::vector<double> shares_;
};

/// The rows of a block as one sub-model sees them.
std::vector<float> narrowed(const float* rows, std::size_t count, std::size_t width,
                            const std::vector<std::size_t>& features) {
  std::vector<float> own;
  own.reserve(count * features.size());
  for (std::size_t i = 0; i < count; ++i) {
    for (const std::size_t feature : features) own.push_back(rows[i * width + feature]);
  }
  return own;
}

std::vector<Shuffled> shuffle(const Dataset& data, std::span<const std::size_t> features, const Draws& draws,
                              int threads) {
  std::vector<Shuffled> all(features.size());
  parallel_for(all.size(), threads, [&](std::size_t i) {
    const auto order = shuffled_order(data.size(), draws, features[i]);
    std::vector<float> values(data.size());
    data.read_feature(features[i], values);
    all[i] = {features[i], std::vector<float>(data.size()), std::vector<double>(data.size())};
    for (std::size_t sample = 0; sample < order.size(); ++sample)
      all[i].values[sample] = values[order[sample]];
  });
  return all;
}

void add_losses(const std::vector<SubModel>& models, const Ensemble& ensemble, const Dataset& data,
                std::span<const double> scores, int threads, std::vector<Shuffled>& shuffled) {
  const std::size_t width = data.feature_count();
  linear::for_each_block(data, threads, [&](std::size_t begin, std::size_t count, const float* rows) {
    std::vector<std::vector<float>> seen;
    seen.reserve(models.size());
    for (const auto& model : models) seen.push_back(narrowed(rows, count, width, model.features));
    std::vector<const float*> row(models.size());
    for (std::size_t i = 0; i < count; ++i) {
      for (std::size_t m = 0; m < models.size(); ++m) row[m] = seen[m].data() + i * models[m].features.size();
      const double error = data.labels()[begin + i] - scores[begin + i];
      for (auto& one : shuffled) {
        const double moved = error - ensemble.change(row, one.feature, one.values[begin + i]);
        one.added_loss[begin + i] = moved * moved - error * error;
      }
    }
  });
}

/// Mean over deviation, by weight.
double signal_to_noise(std::span<const double> values, const std::vector<std::size_t>& counted,
                       const Dataset& data) {
  double sum = 0.0, total = 0.0, squares = 0.0;
  for (const std::size_t i : counted) {
    const double weight = linear::weight_of(data, i);
    sum += weight * values[i];
    total += weight;
  }
  const double mean = sum / total;
  for (const std::size_t i : counted)
    squares += linear::weight_of(data, i) * (values[i] - mean) * (values[i] - mean);
  return mean / (std::sqrt(squares / total) + kNextToNoDeviation);
}

}  // namespace

std::vector<std::size_t> shuffled_order(std::size_t samples, const Draws& draws, std::size_t feature) {
  Random random = Random(draws.seed).fork(draws.fitted).fork(feature);
  std::vector<std::size_t> order(samples);
  std::iota(order.begin(), order.end(), std::size_t{0});
  for (std::size_t i = samples; i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

std::vector<double> feature_worth(const std::vector<SubModel>& models, const Dataset& data,
                                  std::span<const double> scores, const std::vector<std::size_t>& counted,
                                  const Draws& draws, int threads) {
  const Ensemble ensemble(models, data.feature_count());
  std::vector<std::size_t> used;
  for (std::size_t feature = 0; feature < data.feature_count(); ++feature) {
    if (ensemble.splits_on(feature)) used.push_back(feature);
  }
  std::vector<double> worth(data.feature_count());
  for (std::size_t first = 0; first < used.size(); first += kFeaturesTogether) {
    const auto count = std::min(kFeaturesTogether, used.size() - first);
    auto shuffled = shuffle(data, std::span(used).subspan(first, count), draws, threads);
    add_losses(models, ensemble, data, scores, threads, shuffled);
    for (const auto& one : shuffled) worth[one.feature] = signal_to_noise(one.added_loss, counted, data);
  }
  return worth;
}

std::vector<std::size_t> draw_features(std::span<const double> worth, const Settings& settings,
                                       const Draws& draws) {
  const auto bins = static_cast<std::size_t>(settings.bins_of_features);
  const auto bin_of = equal_width_bins(worth, bins);
  Random random = Random(draws.seed).fork(draws.fitted).fork(worth.size());
  std::vector<std::size_t> chosen;
  auto ratio = settings.sample_ratios.begin();
  for (std::size_t bin = bins; bin-- > 0;) {
    std::vector<std::size_t> members;
    for (std::size_t feature = 0; feature < worth.size(); ++feature) {
      if (bin_of[feature] == bin) members.push_back(feature);
    }
    if (members.empty()) continue;
    const auto count = static_cast<std::size_t>(std::ceil(*ratio++ * static_cast<double>(members.size())));
    for (std::size_t i = 0; i < count; ++i) {
      std::swap(members[i], members[i + random.below(members.size() - i)]);
      chosen.push_back(members[i]);
    }
  }
  std::sort(chosen.begin(), chosen.end());
  return chosen;
}

}  // namespace orrery::plugins::models::double_ensemble
