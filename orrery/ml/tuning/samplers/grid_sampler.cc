#include <set>

#include "orrery/ml/tuning/samplers/samplers.h"

namespace orrery {
namespace {

std::vector<double> grid_values(const TunedParameter& parameter, std::size_t points) {
  std::vector<double> values;
  if (!parameter.numeric()) {
    for (std::size_t i = 0; i < parameter.choices.size(); ++i) values.push_back(static_cast<double>(i));
    return values;
  }
  const double low = parameter.to_inner(parameter.low);
  const double high = parameter.to_inner(parameter.high);
  std::set<double> distinct;  // whole numbers of a narrow range round to the same
  for (std::size_t i = 0; i < points; ++i) {
    const double share = static_cast<double>(i) / static_cast<double>(points - 1);
    const bool last = i + 1 == points;  // the bounds as they are written, not as logarithms give them back
    distinct.insert(i == 0 ? parameter.low
                    : last ? parameter.high
                           : parameter.from_inner(low + share * (high - low)));
  }
  return {distinct.begin(), distinct.end()};
}

class GridSampler final : public Sampler {
 public:
  explicit GridSampler(std::size_t points) : points_(points) {}

  std::optional<TuningPoint> suggest(const SearchSpace& space, std::span<const TuningTrial> trials,
                                     Random /*random*/) const override {
    std::set<TuningPoint> tried;
    for (const auto& trial : trials) {
      if (trial.state != TuningTrial::State::kFailed) tried.insert(trial.point);
    }
    std::vector<std::vector<double>> values;
    for (const auto& parameter : space) values.push_back(grid_values(parameter, points_));
    std::vector<std::size_t> place(space.size(), 0);
    do {
      TuningPoint point;
      for (std::size_t i = 0; i < space.size(); ++i) point.push_back(values[i][place[i]]);
      if (!tried.contains(point)) return point;
    } while (advance(place, values));
    return std::nullopt;
  }

 private:
  static bool advance(std::vector<std::size_t>& place, const std::vector<std::vector<double>>& values) {
    for (std::size_t i = place.size(); i-- > 0;) {
      if (++place[i] < values[i].size()) return true;
      place[i] = 0;
    }
    return false;
  }

  std::size_t points_;
};

}  // namespace

std::unique_ptr<Sampler> make_grid_sampler(std::size_t points) {
  return std::make_unique<GridSampler>(points);
}

}  // namespace orrery
