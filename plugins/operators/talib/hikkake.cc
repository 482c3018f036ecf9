#include "plugins/operators/talib/hikkake.h"

#include <vector>

#include "plugins/operators/talib/candle_view.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators {
namespace {

/// State: candles, the high and the low before, the open setup, its age, the prices that confirm it.
struct Confirmation {
  static constexpr int kInputs = 4;
  static constexpr int kStates = 7;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    const DoubleLanes setup = in[0];
    const DoubleLanes close = in[3];
    const LaneMask found = setup != DoubleLanes{};
    s[4] = found ? DoubleLanes{} : s[4] + 1.0;
    const LaneMask beyond = ((s[3] > 0.0) & (close > s[5])) | ((s[3] < 0.0) & (close < s[6]));
    const LaneMask confirmed = ~found & (s[4] <= 3.0) & beyond;
    const DoubleLanes signal = found ? setup : where(confirmed, 2.0 * s[3]);
    out[0] = where(s[0] >= constants[0], signal);
    s[3] = found ? setup : (confirmed ? DoubleLanes{} : s[3]);
    s[5] = found ? s[1] : s[5];
    s[6] = found ? s[2] : s[6];
    s[0] += 1.0;
    s[1] = in[1];
    s[2] = in[2];
  }
};

constexpr kernels::Kernel kHikkakeKernel = observation_kernel<Confirmation>("talib_hikkake");

}  // namespace

Operand confirmed_hikkake(GraphBuilder& graph, const OperatorCall& call, const Operand& setup, int lookback) {
  return graph.custom(kHikkakeKernel, std::vector<Operand>{setup, call[1], call[2], call[3]},
                      {static_cast<double>(lookback)}, 0);
}

}  // namespace orrery::plugins::operators
