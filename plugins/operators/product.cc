#include <limits>

#include "orrery/factor/kernels/lanes.h"
#include "orrery/factor/operator_call.h"
#include "plugins/operators/arguments/arguments.h"
#include "plugins/operators/registry.h"

namespace orrery::plugins::operators::product_plugin {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

using kernels::DoubleLanes;
using kernels::finite_lanes;
using kernels::LaneWindow;

struct WindowProduct {
  static DoubleLanes of(const LaneWindow& window) {
    DoubleLanes product = kernels::all_lanes(1.0);
    DoubleLanes count{};
    for (int ago = window.rows() - 1; ago >= 0; --ago) {
      const DoubleLanes value = window.value(ago);
      product = finite_lanes(value) ? product * value : product;
      count = finite_lanes(value) ? count + 1.0 : count;
    }
    return count > 0.0 ? product : kernels::all_lanes(kMissing);
  }
};

constexpr kernels::Kernel kKernel = {"product", kernels::scan_windows<WindowProduct>};

Operand lower(GraphBuilder& graph, const OperatorCall& call) {
  const int window = call.rows(1);
  return graph.custom(kKernel, call[0], {static_cast<double>(window)}, window - 1);
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("Product", {{.name = "Product",
                            .summary = "Product of the window",
                            .arguments = {series_argument(), window_argument(1)},
                            .missing = "missing values are left out of the window; none left: missing",
                            .warm_up = "the first rows use the part of the window that there is",
                            .source = "Kakushadze (2016), \"101 Formulaic Alphas\", product(x, d)",
                            .example = {.expression = "Product($a, 3)",
                                        .fields = {{"a", {3.0, 1.0, kMissing, 2.0, 6.0}}},
                                        .expected = {3.0, 3.0, 3.0, 2.0, 12.0}}},
                           lower});
}

}  // namespace orrery::plugins::operators::product_plugin
