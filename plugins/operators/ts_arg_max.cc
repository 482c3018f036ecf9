#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::LaneWindow;

struct Position {
  static DoubleLanes of(const LaneWindow& window) {
    DoubleLanes best{};
    DoubleLanes place = kernels::all_lanes(kMissing);
    DoubleLanes row{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes value = window.value(ago);
      row = window.alive(ago) ? row + 1.0 : row;
      const auto none = place != place;
      const auto wins = finite_lanes(value) & (none | (value > best));
      best = wins ? value : best;
      place = wins ? row : place;
    }
    return place;
  }
};

constexpr kernels::Kernel kKernel = {"ts_arg_max", kernels::scan_windows<Position>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kKernel, call[0], {static_cast<double>(window)}, window - 1);
}

}  // namespace

void register_operators_ts_arg_max(Registry& registry) {
  registry.add("TsArgMax",
               {{.name = "TsArgMax",
                 .summary = "Where in the window the first greatest value is, from 1 at its oldest row",
                 .arguments = {{.name = "value", .kind = ArgumentKind::kSeries, .summary = "the series"},
                               {.name = "window",
                                .kind = ArgumentKind::kWindow,
                                .summary = "rows of the window",
                                .minimum = 1,
                                .maximum = kLongestWindow}},
                 .missing = "missing values are left out of the window; none left: missing",
                 .warm_up = "the first rows use the part of the window that there is",
                 .source = "Kakushadze (2016), \"101 Formulaic Alphas\", ts_argmax(x, d); IdxMax differs in "
                           "that a missing value wins there",
                 .example = {.expression = "TsArgMax($a, 3)",
                             .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                             .expected = {1.0, 1.0, 1.0, 3.0, 3.0}}},
                lower});
}

}  // namespace orrery::plugins::operators
