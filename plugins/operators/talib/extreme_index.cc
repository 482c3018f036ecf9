#include "plugins/operators/talib/extreme_index.h"

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <vector>

#include "orrery/factor/kernels/kernel.h"

namespace orrery::plugins::operators {
namespace {

using kernels::KernelCall;

struct State {
  std::int64_t rows;   ///< in the instrument's life so far
  std::int64_t run;    ///< values without a gap up to this row
  std::int64_t least;  ///< row of the smallest value, from 1; 0: not known
  std::int64_t greatest;
};

/// A window as one lane sees it, newest row last.
struct Column {
  const KernelCall& call;
  std::int64_t row;
  int lane;

  double value(std::int64_t ago) const { return call.input_row<double>(0, row - ago)[lane]; }
};

/// Moves the row of the extreme to where it is at `now`; `sign` 1 for the greatest, -1 for the smallest.
void advance(std::int64_t& extreme, const Column& column, std::int64_t now, std::int64_t window,
             double sign) {
  const auto key = [&](std::int64_t at) { return sign * column.value(now - at); };
  if (extreme > now - window) {
    if (key(now) >= key(extreme)) extreme = now;
    return;
  }
  extreme = now - window + 1;
  for (std::int64_t at = extreme + 1; at <= now; ++at) {
    if (key(at) > key(extreme)) extreme = at;
  }
}

void run(const KernelCall& call, std::int64_t first_row, int rows) {
  auto* states = reinterpret_cast<State*>(call.state);
  const auto window = static_cast<std::int64_t>(call.constants[0]);
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    const float* alive = call.input_row<float>(1, row);
    for (int lane = 0; lane < call.lanes; ++lane) {
      State& s = states[lane];
      const Column column{call, row, lane};
      const double value = column.value(0);
      s.rows += alive[lane] == alive[lane] ? 1 : 0;
      s.run = value - value == 0.0 ? s.run + 1 : 0;
      const bool full = s.run >= window;
      if (!full) s.least = s.greatest = 0;
      if (full) advance(s.least, column, s.rows, window, -1.0);
      if (full) advance(s.greatest, column, s.rows, window, 1.0);
      const double missing = std::numeric_limits<double>::quiet_NaN();
      call.output_row<double>(0, row)[lane] = full ? static_cast<double>(s.least - 1) : missing;
      call.output_row<double>(1, row)[lane] = full ? static_cast<double>(s.greatest - 1) : missing;
    }
  }
}

std::size_t state_bytes(const KernelCall& call) {
  return static_cast<std::size_t>(call.lanes) * sizeof(State);
}

void reset(const KernelCall& call) { std::memset(call.state, 0, state_bytes(call)); }

constexpr kernels::Kernel kKernel = {"talib_extreme_row", run, nullptr, state_bytes, reset};

}  // namespace

Operand extreme_row(GraphBuilder& graph, const Operand& value, int window, int output) {
  return graph.custom(kKernel, std::vector<Operand>{value}, {static_cast<double>(window)}, window - 1, 2,
                      output);
}

}  // namespace orrery::plugins::operators
