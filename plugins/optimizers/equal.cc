// The same weight for every name.
#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::equal_plugin {
namespace {

class Equal final : public Optimizer {
 public:
  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    const auto names = static_cast<double>(problem.names.size());
    return {std::vector<double>(problem.names.size(), problem.constraints.budget / names), {}};
  }
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "The same weight for every name.";
  info.source = "DeMiguel, Garlappi & Uppal 2009, Optimal Versus Naive Diversification";
  info.honours = HonouredConstraints::kBudgetAlone;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("equal", {describe(), [](const ParameterMap&) { return std::make_unique<Equal>(); }});
}

}  // namespace orrery::plugins::optimizers::equal_plugin
