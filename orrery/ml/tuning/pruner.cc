#include "orrery/ml/tuning/pruner.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/base/statistics.h"

namespace orrery {
namespace {

constexpr std::size_t kMedianStartup = 5;
constexpr std::size_t kReduction = 2;

class NoPruner final : public Pruner {
 public:
  bool should_stop(std::span<const TuningTrial> /*trials*/, std::size_t /*index*/) const override {
    return false;
  }
};

class MedianPruner final : public Pruner {
 public:
  explicit MedianPruner(std::size_t steps) : steps_(steps) {}

  bool should_stop(std::span<const TuningTrial> trials, std::size_t index) const override {
    const auto& own = trials[index].steps;
    if (own.empty() || own.size() >= steps_) return false;
    std::vector<double> others;
    for (const auto& trial : trials) {
      if (trial.state == TuningTrial::State::kComplete && trial.steps.size() >= own.size())
        others.push_back(trial.steps[own.size() - 1]);
    }
    if (others.size() < kMedianStartup) return false;
    return *std::min_element(own.begin(), own.end()) > quantile(others, 0.5);
  }

 private:
  std::size_t steps_;
};

/// Whether trial `index`, which stands on a rung of `first` × 2^k steps, is in the worse half of the members
/// that reached it.
template <class Member>
bool falls_at_rung(std::span<const TuningTrial> trials, std::size_t index, std::size_t first,
                   const Member& is_member) {
  const std::size_t reached = trials[index].steps.size();
  std::size_t rung = first;
  while (rung < reached) rung *= kReduction;
  if (rung != reached) return false;
  std::vector<double> losses;
  for (std::size_t i = 0; i < trials.size(); ++i) {
    if (is_member(i) && trials[i].steps.size() >= reached) losses.push_back(trials[i].steps[reached - 1]);
  }
  std::sort(losses.begin(), losses.end());
  const std::size_t kept = std::max<std::size_t>(1, losses.size() / kReduction);
  return trials[index].steps.back() > losses[kept - 1];
}

class SuccessiveHalving final : public Pruner {
 public:
  explicit SuccessiveHalving(std::size_t steps) : steps_(steps) {}

  bool should_stop(std::span<const TuningTrial> trials, std::size_t index) const override {
    const std::size_t reached = trials[index].steps.size();
    if (reached == 0 || reached >= steps_) return false;
    return falls_at_rung(trials, index, 1, [](std::size_t) { return true; });
  }

 private:
  std::size_t steps_;
};

class Hyperband final : public Pruner {
 public:
  explicit Hyperband(std::size_t steps) : steps_(steps) {
    for (std::size_t first = 1; first <= steps; first *= kReduction) firsts_.push_back(first);
    // A bracket that begins to halve early has more trials, as each of them costs less: Hyperband's
    // ceil((s_max + 1) / (s + 1)) × reduction^s of them, s the halvings to come.
    const std::size_t brackets = firsts_.size();
    for (std::size_t b = 0; b < brackets; ++b) {
      const std::size_t halvings = brackets - 1 - b;
      std::size_t share = (brackets + halvings) / (halvings + 1);
      for (std::size_t i = 0; i < halvings; ++i) share *= kReduction;
      shares_.push_back(share);
    }
  }

  bool should_stop(std::span<const TuningTrial> trials, std::size_t index) const override {
    const std::size_t reached = trials[index].steps.size();
    if (reached == 0 || reached >= steps_) return false;
    const std::size_t own = bracket_of(index);
    return falls_at_rung(trials, index, firsts_[own], [&](std::size_t i) { return bracket_of(i) == own; });
  }

 private:
  /// Deals the trials out in turn by their shares, in an order that mixes the brackets.
  std::size_t bracket_of(std::size_t index) const {
    std::size_t total = 0;
    for (const std::size_t share : shares_) total += share;
    std::size_t place = index * 7919 % total;
    for (std::size_t b = 0; b < shares_.size(); ++b) {
      if (place < shares_[b]) return b;
      place -= shares_[b];
    }
    return 0;
  }

  std::size_t steps_;
  std::vector<std::size_t> firsts_;  ///< by bracket: steps before the first halving
  std::vector<std::size_t> shares_;  ///< by bracket: trials of each round
};

}  // namespace

const std::vector<std::string>& pruner_names() {
  static const std::vector<std::string> names = {"median", "successive_halving", "hyperband", "none"};
  return names;
}

std::unique_ptr<Pruner> make_pruner(std::string_view name, const PrunerOptions& options) {
  if (name == "none") return std::make_unique<NoPruner>();
  if (name == "median") return std::make_unique<MedianPruner>(options.steps);
  if (name == "successive_halving") return std::make_unique<SuccessiveHalving>(options.steps);
  if (name == "hyperband") return std::make_unique<Hyperband>(options.steps);
  throw user_error(ErrorCode::kNotFound, fmt::format("no pruner is named '{}'", name));
}

}  // namespace orrery
