#include "plugins/operators/talib/parabolic_stop.h"

#include <algorithm>
#include <cmath>

namespace orrery::plugins::operators {
namespace {

/// The accelerations of a side, none above the most.
struct Side {
  double first;
  double further;
  double most;
};

Side side_of(const double* constants, bool is_short) {
  const double* from = constants + (is_short ? 5 : 2);
  return {std::min(from[0], from[2]), std::min(from[1], from[2]), from[2]};
}

void start(ParabolicStop::State& s, const double* in, double start_value) {
  const double up = in[0] - s.high;
  const double down = s.low - in[1];
  const bool is_short = start_value == 0.0 ? down > 0.0 && up < down : start_value < 0.0;
  const double first_stop = is_short ? s.high : s.low;
  s.stop = start_value == 0.0 ? first_stop : std::fabs(start_value);
  s.extreme = is_short ? in[1] : in[0];
  s.is_short = is_short ? 1.0 : 0.0;
  s.high = in[0];
  s.low = in[1];
}

/// A stop may not lie inside the range of this observation or of the one before.
double outside(const ParabolicStop::State& s, const double* in, double stop, bool is_short) {
  return is_short ? std::max({stop, s.high, in[0]}) : std::min({stop, s.low, in[1]});
}

}  // namespace

void ParabolicStop::step(State& s, const double* in, const double* constants, double* out) {
  if (s.observations == 1.0) {
    start(s, in, constants[0]);
    s.acceleration = side_of(constants, s.is_short != 0.0).first;
  }
  if (s.observations >= 1.0) {
    bool is_short = s.is_short != 0.0;
    const bool reversed = is_short ? in[0] >= s.stop : in[1] <= s.stop;
    if (reversed) {
      is_short = !is_short;
      s.is_short = is_short ? 1.0 : 0.0;
      s.stop = outside(s, in, s.extreme, is_short);
      s.stop += (is_short ? 1.0 : -1.0) * s.stop * constants[1];
      s.extreme = is_short ? in[1] : in[0];
    }
    out[0] = is_short && constants[8] != 0.0 ? -s.stop : s.stop;
    const Side side = side_of(constants, is_short);
    const bool further = is_short ? in[1] < s.extreme : in[0] > s.extreme;
    if (reversed) s.acceleration = side.first;
    if (!reversed && further) {
      s.extreme = is_short ? in[1] : in[0];
      s.acceleration = std::min(s.acceleration + side.further, side.most);
    }
    s.stop = outside(s, in, s.stop + s.acceleration * (s.extreme - s.stop), is_short);
  }
  s.observations += 1.0;
  s.high = in[0];
  s.low = in[1];
}

}  // namespace orrery::plugins::operators
