// The names with the highest expected returns, each with the same weight.
#include <algorithm>
#include <numeric>

#include "plugins/optimizers/registry.h"

namespace orrery::plugins::optimizers::top_k_plugin {
namespace {

class TopK final : public Optimizer {
 public:
  explicit TopK(std::int64_t k) : k_(static_cast<std::size_t>(k)) {}

  OptimizedPortfolio optimize(const PortfolioProblem& problem) const override {
    std::vector<std::size_t> order(problem.names.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t left, std::size_t right) {
      return problem.expected_returns[left] > problem.expected_returns[right];
    });
    const std::size_t chosen = std::min(k_, order.size());
    std::vector<double> weights(order.size(), 0.0);
    for (std::size_t place = 0; place < chosen; ++place) {
      weights[order[place]] = problem.constraints.budget / static_cast<double>(chosen);
    }
    return {weights, {}};
  }

 private:
  const std::size_t k_;
};

OptimizerInfo describe() {
  OptimizerInfo info;
  info.summary = "The k names with the highest expected returns, each with the same weight.";
  info.parameters = {{"k", std::int64_t{50}, "how many names", 1.0, {}}};
  info.source = "the plain rule that optimizers have to beat";
  info.needs_expected_returns = true;
  info.honours = HonouredConstraints::kBudgetAlone;
  return info;
}

}  // namespace

void add_to(Registry& registry) {
  registry.add("top_k", {describe(), [](const ParameterMap& parameters) {
                           return std::make_unique<TopK>(get_integer(parameters, "k"));
                         }});
}

}  // namespace orrery::plugins::optimizers::top_k_plugin
