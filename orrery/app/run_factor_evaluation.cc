#include "orrery/app/run_factor_evaluation.h"

#include <algorithm>

#include "orrery/base/error.h"

namespace orrery {

FactorEvaluation evaluate_run_factors(const RunMarket& market, int threads) {
  const FactorFrame& factors = market.required_factors();
  const FactorEvaluationSpec spec;
  const MarketData& data = market.market();
  // The return of the longest horizon, and the last one of the curve of decay, end so many rows later.
  const int sessions = spec.delay + std::max(spec.horizons.back(), spec.decay_sessions);
  const auto reach = static_cast<std::size_t>(sessions);
  const std::size_t tested = data.lower_row(market.run().key.test_first);
  if (tested <= reach) {
    throw user_error(ErrorCode::kInvalidArgument, "no session comes before those that the run tests");
  }
  const Panel no_size;
  EvaluationMarket judged{data.dates, data.field("close"), market.universe(), {},
                          no_size,    {0, tested - reach}};
  const auto block = [&factors](std::size_t first, std::size_t count) {
    FactorFrame part;
    for (std::size_t i = first; i < first + count; ++i) {
      part.names.push_back(factors.names[i]);
      part.panels.push_back(factors.panels[i]);
    }
    return part;
  };
  return evaluate_factors(factors.names, block, judged, checked_spec(spec), threads);
}

}  // namespace orrery
