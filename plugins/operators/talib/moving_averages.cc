#include "plugins/operators/talib/moving_averages.h"

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <utility>
#include <vector>

#include "orrery/factor/operator_text.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators {
namespace {

using kernels::DoubleLanes;

/// A type of average: its text, and its warm-up as a multiple of the window less one.
struct Average {
  const char* text;
  int warm_ups;
};

constexpr std::size_t kKaufman = 6;
constexpr std::size_t kMesa = 7;
constexpr std::size_t kHull = 9;
constexpr std::size_t kNone = 10;
constexpr std::size_t kZeroLag = 12;

constexpr std::array<Average, 14> kAverages = {{{"talib:SMA(x, n)", 1},
                                                {"talib:EMA(x, n)", 1},
                                                {"talib:WMA(x, n)", 1},
                                                {"talib:DEMA(x, n)", 2},
                                                {"talib:TEMA(x, n)", 3},
                                                {"talib:TRIMA(x, n)", 1},
                                                {"talib:KAMA(x, n)", 1},
                                                {"talib:MAMA(x, 0.5, 0.05)", 0},
                                                {"talib:T3(x, n, 0.7)", 6},
                                                {"talib:HMA(x, n)", 1},
                                                {"x", 0},
                                                {"talib:SMA(x, n)", 1},
                                                {"talib:ZLEMA(x, n)", 1},
                                                {"talib:RMA(x, n)", 1}}};

std::size_t place_of(double type) { return static_cast<std::size_t>(type); }

/// State: observations.
struct Later {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 1;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    out[0] = s[0] >= constants[0] ? in[0] : kernels::all_lanes(std::numeric_limits<double>::quiet_NaN());
    s[0] += 1.0;
  }
};

constexpr kernels::Kernel kLater = observation_kernel<Later>("talib_later");

}  // namespace

Operand moving_average(GraphBuilder& graph, const Operand& value, int window, double type) {
  if (window == 1) return value;
  return lower_text(graph, kAverages[place_of(type)].text,
                    {{"x", value}, {"n", graph.number(static_cast<double>(window))}});
}

int moving_average_warm_up(int window, double type) {
  const std::size_t place = place_of(type);
  if (window == 1 || place == kNone) return 0;
  if (place == kMesa) return 32;
  if (place == kKaufman) return window;
  const int stacked = kAverages[place].warm_ups * (window - 1);
  if (place == kHull) return stacked + static_cast<int>(std::sqrt(window)) - 1;
  return place == kZeroLag ? stacked + (window - 1) / 2 : stacked;
}

ArgumentInfo average_argument(std::string name, double fallback) {
  return {.name = std::move(name),
          .kind = ArgumentKind::kWindow,
          .summary =
              "type of average: 0 SMA, 1 EMA, 2 WMA, 3 DEMA, 4 TEMA, 5 TRIMA, 6 KAMA, 7 MAMA, 8 T3, 9 "
              "HMA, 10 none, 11 default (SMA), 12 ZLEMA, 13 RMA",
          .minimum = 0.0,
          .maximum = static_cast<double>(kAverages.size() - 1),
          .fallback = fallback};
}

Operand without_first(GraphBuilder& graph, const Operand& value, int count) {
  if (count == 0) return value;
  return graph.custom(kLater, std::vector<Operand>{value}, {static_cast<double>(count)}, 0);
}

}  // namespace orrery::plugins::operators
