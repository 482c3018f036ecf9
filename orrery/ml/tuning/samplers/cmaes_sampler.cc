#include <algorithm>
#include <cmath>
#include <utility>

#include "orrery/ml/tuning/samplers/evolution_state.h"
#include "orrery/ml/tuning/samplers/samplers.h"
#include "orrery/ml/tuning/trial_order.h"

namespace orrery {
namespace {

using NumberList = std::vector<std::size_t>;

constexpr double kFirstStep = 1.0 / 6.0;  ///< of the cube, as Optuna
constexpr int kMostDraws = 100;           ///< outside the bounds, before the point is moved to them

NumberList places_of(const SearchSpace& space, bool numeric) {
  NumberList places;
  for (std::size_t i = 0; i < space.size(); ++i) {
    if (space[i].numeric() == numeric) places.push_back(i);
  }
  return places;
}

/// A value's place between its bounds on the scale that is searched, and back.
double to_unit(const TunedParameter& parameter, double value) {
  const double low = parameter.inner_low();
  return (parameter.to_inner(value) - low) / (parameter.inner_high() - low);
}
double from_unit(const TunedParameter& parameter, double unit) {
  const double low = parameter.inner_low();
  return parameter.from_inner(low + unit * (parameter.inner_high() - low));
}

double normal_share_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

/// Learns from all finished trials in the order in which they began, a generation at a time, whoever drew
/// them.
void replay(const SearchSpace& space, const NumberList& places, std::span<const TuningTrial> trials,
            EvolutionState& state) {
  std::vector<const TuningTrial*> generation;
  for (const auto& trial : trials) {
    if (trial.finished()) generation.push_back(&trial);
    if (generation.size() < state.population()) continue;
    std::stable_sort(generation.begin(), generation.end(),
                     [](const auto* a, const auto* b) { return is_better_trial(*a, *b); });
    std::vector<std::vector<double>> points;
    for (const auto* member : generation) {
      auto& point = points.emplace_back();
      for (const auto place : places) point.push_back(to_unit(space[place], member->point[place]));
    }
    state.update(points);
    generation.clear();
  }
}

class CmaesSampler final : public Sampler {
 public:
  explicit CmaesSampler(std::unique_ptr<Sampler> chooser) : chooser_(std::move(chooser)) {}

  std::optional<TuningPoint> suggest(const SearchSpace& space, std::span<const TuningTrial> trials,
                                     Random random) const override {
    TuningPoint point(space.size());
    suggest_choices(space, trials, random.fork(0), point);
    const NumberList places = places_of(space, true);
    if (places.empty()) return point;
    EvolutionState state(places.size(), kFirstStep);
    replay(space, places, trials, state);
    const auto drawn = draw(state, places.size(), random);
    for (std::size_t i = 0; i < places.size(); ++i) {
      const auto& parameter = space[places[i]];
      point[places[i]] = from_unit(parameter, drawn[i]);
      if (parameter.kind == TunedParameter::Kind::kInteger)
        point[places[i]] = with_margin(parameter, state, i, point[places[i]], random);
    }
    return point;
  }

 private:
  void suggest_choices(const SearchSpace& space, std::span<const TuningTrial> trials, const Random& random,
                       TuningPoint& point) const {
    const NumberList places = places_of(space, false);
    if (places.empty()) return;
    SearchSpace choices;
    for (const auto place : places) choices.push_back(space[place]);
    std::vector<TuningTrial> seen(trials.begin(), trials.end());
    for (auto& trial : seen) {
      const TuningPoint whole = std::exchange(trial.point, {});
      for (const auto place : places) trial.point.push_back(whole[place]);
    }
    const auto chosen = chooser_->suggest(choices, seen, random);
    for (std::size_t i = 0; i < places.size(); ++i) point[places[i]] = (*chosen)[i];
  }

  /// A point within the cube.
  static std::vector<double> draw(const EvolutionState& state, std::size_t count, Random& random) {
    std::vector<double> normals(count), point;
    for (int i = 0; i < kMostDraws; ++i) {
      for (double& normal : normals) normal = random.normal();
      point = state.point_of(normals);
      if (std::all_of(point.begin(), point.end(), [](double x) { return x >= 0.0 && x <= 1.0; }))
        return point;
    }
    for (double& x : point) x = std::clamp(x, 0.0, 1.0);
    return point;
  }

  /// A whole number whose distribution has shrunk into one step would never change again. Where less than
  /// `margin` of it lies outside the mean's step, the value is a neighbour of it that often.
  static double with_margin(const TunedParameter& parameter, const EvolutionState& state, std::size_t i,
                            double value, Random& random) {
    const double mean = std::clamp(state.mean()[i], 0.0, 1.0);
    const double center = from_unit(parameter, mean);
    const double below = to_unit(parameter, center - 0.5);
    const double above = to_unit(parameter, center + 0.5);
    const double deviation = state.deviation(i);
    const double outside =
        normal_share_below((below - mean) / deviation) + normal_share_below((mean - above) / deviation);
    const double margin =
        1.0 / static_cast<double>(state.mean().size() * state.population());  // Hamano et al. (2022)
    const double dice = random.uniform();
    if (outside >= margin || dice >= margin) return value;
    const double neighbour = center + (dice < 0.5 * margin ? -1.0 : 1.0);
    if (neighbour < parameter.low) return center + 1.0;
    return neighbour > parameter.high ? center - 1.0 : neighbour;
  }

  std::unique_ptr<Sampler> chooser_;
};

}  // namespace

std::unique_ptr<Sampler> make_cmaes_sampler() { return std::make_unique<CmaesSampler>(make_tpe_sampler()); }

}  // namespace orrery
