#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/ml/tuning/samplers/parzen_estimator.h"
#include "orrery/ml/tuning/samplers/samplers.h"
#include "orrery/ml/tuning/trial_order.h"

namespace orrery {
namespace {

using State = TuningTrial::State;
using TrialList = std::vector<const TuningTrial*>;

constexpr double kGoodShare = 0.1;
constexpr std::size_t kMostGood = 25;

std::size_t good_count(std::size_t finished) {
  const auto tenth = static_cast<std::size_t>(std::ceil(kGoodShare * static_cast<double>(finished)));
  return std::min(tenth, kMostGood);
}

struct SplitTrials {
  TrialList good, rest;
};

/// Both parts in the order in which the trials began, as weights go by age; running ones belong to the rest,
/// so that processes keep apart.
SplitTrials split_trials(std::span<const TuningTrial> trials) {
  TrialList order;
  for (const auto& trial : trials) {
    if (trial.finished()) order.push_back(&trial);
  }
  const std::size_t good = good_count(order.size());
  std::stable_sort(order.begin(), order.end(),
                   [](const auto* a, const auto* b) { return is_better_trial(*a, *b); });
  SplitTrials split{{order.begin(), order.begin() + static_cast<std::ptrdiff_t>(good)},
                    {order.begin() + static_cast<std::ptrdiff_t>(good), order.end()}};
  for (const auto& trial : trials) {
    if (trial.state == State::kRunning) split.rest.push_back(&trial);
  }
  std::sort(split.good.begin(), split.good.end());
  std::sort(split.rest.begin(), split.rest.end());
  return split;
}

std::vector<std::vector<double>> values_of(const TrialList& trials, std::span<const std::size_t> dimensions) {
  std::vector<std::vector<double>> values(dimensions.size());
  for (std::size_t d = 0; d < dimensions.size(); ++d) {
    for (const auto* trial : trials) values[d].push_back(trial->point[dimensions[d]]);
  }
  return values;
}

class TpeSampler final : public Sampler {
 public:
  explicit TpeSampler(const TpeOptions& options) : options_(options) {}

  std::optional<TuningPoint> suggest(const SearchSpace& space, std::span<const TuningTrial> trials,
                                     Random random) const override {
    const auto finished =
        std::count_if(trials.begin(), trials.end(), [](const auto& t) { return t.finished(); });
    if (static_cast<std::size_t>(finished) < options_.startup_trials) return draw_point(space, random);
    const SplitTrials split = split_trials(trials);
    TuningPoint point(space.size());
    std::vector<std::size_t> all;
    for (std::size_t d = 0; d < space.size(); ++d) {
      if (!options_.joint) suggest_values(space, split, {&d, 1}, random, point);
      all.push_back(d);
    }
    if (options_.joint) suggest_values(space, split, all, random, point);
    return point;
  }

 private:
  /// Chooses the values of some dimensions together.
  void suggest_values(const SearchSpace& space, const SplitTrials& split,
                      std::span<const std::size_t> dimensions, Random& random, TuningPoint& point) const {
    SearchSpace parameters;
    for (const auto d : dimensions) parameters.push_back(space[d]);
    const ParzenEstimator good(parameters, values_of(split.good, dimensions));
    const ParzenEstimator rest(parameters, values_of(split.rest, dimensions));
    std::vector<TuningPoint> candidates;
    for (std::size_t i = 0; i < options_.candidates; ++i) candidates.push_back(good.draw(random));
    const auto above = good.log_densities(candidates);
    const auto below = rest.log_densities(candidates);
    std::size_t best = 0;
    for (std::size_t i = 1; i < candidates.size(); ++i) {
      if (above[i] - below[i] > above[best] - below[best]) best = i;
    }
    for (std::size_t i = 0; i < dimensions.size(); ++i) point[dimensions[i]] = candidates[best][i];
  }

  TpeOptions options_;
};

}  // namespace

std::unique_ptr<Sampler> make_tpe_sampler(const TpeOptions& options) {
  return std::make_unique<TpeSampler>(options);
}

}  // namespace orrery
