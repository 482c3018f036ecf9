#include "orrery/ml/tuning/samplers/samplers.h"

namespace orrery {
namespace {

class RandomSampler final : public Sampler {
 public:
  std::optional<TuningPoint> suggest(const SearchSpace& space, std::span<const TuningTrial> /*trials*/,
                                     Random random) const override {
    return draw_point(space, random);
  }
};

}  // namespace

std::unique_ptr<Sampler> make_random_sampler() { return std::make_unique<RandomSampler>(); }

}  // namespace orrery
