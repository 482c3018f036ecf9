#include <limits>
#include <vector>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"
#include "plugins/operators/talib/observations.h"

namespace orrery::plugins::operators::leaky_sum_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;

/// State: the sum.
struct Leaking {
  static constexpr int kInputs = 1;
  static constexpr int kStates = 1;
  static constexpr int kOutputs = 1;

  static void step(DoubleLanes* s, const DoubleLanes* in, const double* constants, DoubleLanes* out) {
    s[0] = in[0] + constants[0] * s[0];
    out[0] = s[0];
  }
};

constexpr kernels::Kernel kKernel = observation_kernel<Leaking>("leaky_sum");

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  return graph.custom(kKernel, std::vector<Operand>{call[0]}, {call.number(1)}, 0);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("LeakySum", {{.name = "LeakySum",
                             .summary = "The value and what is kept of the sum before: a filter of one pole",
                             .arguments = {series_argument(),
                                           {.name = "kept",
                                            .kind = ArgumentKind::kNumber,
                                            .summary = "share of the sum that the next row keeps",
                                            .minimum = -1.0,
                                            .maximum = 1.0}},
                             .missing = "a missing row changes nothing and has no value",
                             .warm_up = "the first sum is the first value",
                             .source = "the common definition of a recursive filter",
                             .example = {.expression = "LeakySum($a, 0.5)",
                                         .fields = {{"a", {1.0, 2.0, kMissing, 4.0}}},
                                         .expected = {1.0, 2.5, kMissing, 5.25}}},
                            lower});
}

}  // namespace orrery::plugins::operators::leaky_sum_plugin
