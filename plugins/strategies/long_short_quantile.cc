// Equal weights on both ends of the ranking: long the best, short the worst, the same amount on each side.
#include "orrery/portfolio/quantile_portfolio.h"
#include "plugins/strategies/registry.h"

namespace orrery::plugins::strategies::long_short_quantile_plugin {
namespace {

StrategyInfo describe() {
  StrategyInfo info;
  info.summary =
      "Long the best and short the worst part of the ranking, equal weights, rebalanced every so many "
      "sessions.";
  info.parameters = {
      {"quantile", 0.2, "part of the ranked names on each side, at most half", 1e-6, 0.5},
      {"every", std::int64_t{1}, "sessions between rebalances", 1.0, {}},
      {"gross", 1.0, "sum of long and short weights, of equity", 0.0, 2.0},
      side_weights_setting(),
  };
  info.source = "docs/engine.md#long_short_quantile";
  info.gross_limit = 2.0;
  info.shorts = true;
  return info;
}

std::unique_ptr<Strategy> make(const ParameterMap& parameters) {
  QuantilePortfolio::Settings settings;
  settings.quantile = get_double(parameters, "quantile");
  settings.every = static_cast<int>(get_integer(parameters, "every"));
  settings.long_weight = get_double(parameters, "gross") / 2.0;
  settings.short_weight = settings.long_weight;
  settings.weights = parse_side_weights(get_string(parameters, "weights"));
  return std::make_unique<QuantilePortfolio>(settings);
}

}  // namespace

void add_to(Registry& registry) { registry.add("long_short_quantile", {describe(), make}); }

}  // namespace orrery::plugins::strategies::long_short_quantile_plugin
