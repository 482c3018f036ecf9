#include <algorithm>
#include <limits>

#include "orrery/factor/cross_section.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::cscount_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

void run(const CrossRow& row) {
  const auto present = present_instruments(row, 1);
  if (!present.empty()) std::fill_n(row.output, row.instruments, static_cast<double>(present.size()));
}

constexpr CrossSection kFunction = {"cscount", run};

Operand lower(GraphBuilder& graph, const OperatorCall& call) { return graph.across(kFunction, {call[0]}); }

}  // namespace

void add_to(Registry& registry) {
  registry.add("CSCount",
               {{.name = "CSCount",
                 .summary = "How many instruments of the row have a value, the same for each of them",
                 .arguments = {series_argument()},
                 .missing = "missing values are not counted; nobody has one: missing",
                 .warm_up = "none",
                 .source = "pandas 2.2, DataFrame.count(axis=1), but missing for 0",
                 .example = {.expression = "CSCount($a)",
                             .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                             .expected = {4.0, 4.0, 4.0, 4.0, 4.0},
                             .across = true}},
                lower});
}

}  // namespace orrery::plugins::operators::cscount_plugin
