#include "orrery/ml/family_rounds.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace orrery {
namespace {

/// The least loss of a family's complete ones among the first `count` trials.
double best_loss(const std::vector<FamilyTrial>& trials, std::size_t count, std::size_t family) {
  double best = std::numeric_limits<double>::infinity();
  for (std::size_t i = 0; i < count; ++i) {
    const auto& trial = trials[i].trial;
    if (trials[i].family == family && trial.state == TuningTrial::State::kComplete)
      best = std::min(best, trial.loss);
  }
  return best;
}

}  // namespace

std::optional<std::size_t> next_family(const std::vector<FamilyTrial>& trials,
                                       const std::vector<bool>& can_search) {
  std::vector<std::size_t> alive(can_search.size());
  std::iota(alive.begin(), alive.end(), std::size_t{0});
  std::size_t seen = 0;
  for (std::size_t each = 1; !alive.empty(); each *= 2) {
    for (std::size_t i = 0; i < each * alive.size(); ++i, ++seen) {
      if (seen == trials.size()) return alive[i % alive.size()];
    }
    std::erase_if(alive, [&](std::size_t family) { return !can_search[family]; });
    std::stable_sort(alive.begin(), alive.end(), [&](std::size_t a, std::size_t b) {
      return best_loss(trials, seen, a) < best_loss(trials, seen, b);
    });
    if (alive.size() > 1) alive.resize((alive.size() + 1) / 2);
  }
  return std::nullopt;
}

}  // namespace orrery
