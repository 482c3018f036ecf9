// Equal weights on the best part of the ranking.
#include "orrery/portfolio/quantile_portfolio.h"
#include "plugins/strategies/registry.h"

namespace orrery::plugins::strategies::top_quantile_plugin {
namespace {

StrategyInfo describe() {
  StrategyInfo info;
  info.summary = "Holds the best part of the ranking with equal weights, rebalanced every so many sessions.";
  info.parameters = {
      {"quantile", 0.2, "part of the ranked names to hold", 1e-6, 1.0},
      {"every", std::int64_t{1}, "sessions between rebalances", 1.0, {}},
      {"invest", 0.95, "part of the equity that is invested", 0.0, 1.0},
      side_weights_setting(),
  };
  info.source = "docs/engine.md#top_quantile";
  return info;
}

std::unique_ptr<Strategy> make(const ParameterMap& parameters) {
  QuantilePortfolio::Settings settings;
  settings.quantile = get_double(parameters, "quantile");
  settings.every = static_cast<int>(get_integer(parameters, "every"));
  settings.long_weight = get_double(parameters, "invest");
  settings.weights = parse_side_weights(get_string(parameters, "weights"));
  return std::make_unique<QuantilePortfolio>(settings);
}

}  // namespace

void add_to(Registry& registry) { registry.add("top_quantile", {describe(), make}); }

}  // namespace orrery::plugins::strategies::top_quantile_plugin
