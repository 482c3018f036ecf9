#include <cstdint>
#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::hump_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::KernelCall;
using kernels::load_lanes;
using kernels::store_lanes;

/// State: by lane the latest output, NaN before the first value.
void run(const KernelCall& call, std::int64_t first_row, int rows) {
  auto* latest = reinterpret_cast<double*>(call.state);
  const double limit = call.constants[0];
  for (std::int64_t row = first_row; row < first_row + rows; ++row) {
    const double* from = call.input_row<double>(0, row);
    double* to = call.output_row<double>(0, row);
    for (int lane = 0; lane < call.lanes; lane += kernels::kDoubleLanes) {
      const DoubleLanes value = load_lanes(from + lane);
      const DoubleLanes before = load_lanes(latest + lane);
      DoubleLanes next = value - before > limit ? before + limit : before;
      next = before - value > limit ? before - limit : next;
      next = before != before ? value : next;
      next = finite_lanes(value) ? next : before;
      store_lanes(latest + lane, next);
      store_lanes(to + lane, next);
    }
  }
}

std::size_t state_bytes(const KernelCall& call) {
  return 1 * static_cast<std::size_t>(call.lanes) * sizeof(double);
}

void reset(const KernelCall& call) {
  auto* state = reinterpret_cast<double*>(call.state);
  for (int i = 0; i < 1 * call.lanes; ++i) state[i] = kMissing;
}

constexpr kernels::Kernel kKernel = {"hump", run, nullptr, state_bytes, reset};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, call[0], {call.number(1)}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Hump",
               {{.name = "Hump",
                 .summary = "The value before, unless the series differs from it by more than `limit`; then "
                            "the value before moved towards the series by the limit",
                 .arguments = {series_argument(),
                               {.name = "limit",
                                .kind = ArgumentKind::kNumber,
                                .summary = "how far it moves in one row",
                                .minimum = 0.0,
                                .maximum = 1e300}},
                 .missing = "a missing row keeps the value before; missing before the first value",
                 .warm_up = "the first value is the series itself",
                 .source = "WorldQuant BRAIN, hump(x): \"the output is yesterday's value plus the limit in "
                           "the direction of the change\", the limit given as a number",
                 .example = {.expression = "Hump($a, 1)",
                             .fields = {{"a", {1.0, 1.5, kMissing, 4.0, 0.0}}},
                             .expected = {1.0, 1.0, 1.0, 2.0, 1.0}}},
                lower});
}

}  // namespace orrery::plugins::operators::hump_plugin
