#include <limits>

#include "orrery/factor/operator_call.h"
#include "plugins/operators/across/moments.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::csdemean_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void run(const CrossRow& row) {
  const auto present = present_instruments(row, 1);
  const double mean = mean_of(row, present);
  for (const std::uint32_t i : present) row.output[i] = row.inputs[0][i] - mean;
}

constexpr CrossSection kFunction = {"csdemean", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.across(kFunction, {call[0]}); }

}  // namespace

void add_to(Registry& registry) {
  registry.add("CSDemean", {{.name = "CSDemean",
                             .summary = "The value less the mean of all instruments of the row",
                             .arguments = {series_argument()},
                             .missing = "missing values take no part and stay missing",
                             .warm_up = "none",
                             .source = "the common definition",
                             .example = {.expression = "CSDemean($a)",
                                         .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                                         .expected = {0.0, -2.0, kMissing, -1.0, 3.0},
                                         .across = true}},
                            lower});
}

}  // namespace orrery::plugins::operators::csdemean_plugin
