// Times a suggestion of the TPE sampler, for bench/tune.py: prints seconds (median) as JSON.
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "orrery/base/stopwatch.h"
#include "orrery/ml/tuning/samplers/samplers.h"

int main(int argc, char** argv) {
  using namespace orrery;
  const std::size_t trial_count = argc > 1 ? std::strtoul(argv[1], nullptr, 10) : 1000;
  const std::size_t parameters = argc > 2 ? std::strtoul(argv[2], nullptr, 10) : 10;
  SearchSpace space;
  for (std::size_t i = 0; i < parameters; ++i)
    space.push_back({fmt::format("x{}", i), TunedParameter::Kind::kReal, -5.0, 5.0, false, {}});
  Random random(1);
  std::vector<TuningTrial> trials;
  for (std::size_t i = 0; i < trial_count; ++i)
    trials.push_back({TuningTrial::State::kComplete, draw_point(space, random), random.normal(), {}});
  for (const bool joint : {false, true}) {
    TpeOptions options;
    options.joint = joint;
    const auto sampler = make_tpe_sampler(options);
    std::vector<double> seconds;
    for (std::uint64_t i = 0; i < 51; ++i) {
      const Stopwatch watch;
      const auto point = sampler->suggest(space, trials, random.fork(i));
      seconds.push_back(watch.seconds() + (point ? 0.0 : 1.0));
    }
    std::sort(seconds.begin(), seconds.end());
    fmt::print("{{\"joint\": {}, \"seconds\": {}}}\n", joint, seconds[seconds.size() / 2]);
  }
}
