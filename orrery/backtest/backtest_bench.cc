// Measures the engine: orrery_backtest_bench [REPEATS]. Prints one line a case: median and least
// milliseconds. Peers on the same work: qlib 0.9.7's backtest_daily takes 5.5 s on the first, vectorbt's
// from_orders 0.76 s on the second (docs/performance.md).

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <string>
#include <vector>

#include "orrery/backtest/backtest.h"
#include "plugins/strategies/registry.h"
#include "testing/small_market.h"

namespace {

using namespace orrery;

struct Case {
  const char* name;
  std::size_t sessions, names;
  const char* strategy;
  ParameterMap parameters;
};

double milliseconds_of_one_run(const Case& work, const MarketData& market, const Panel& scores,
                               const StrategyRegistry& registry, std::size_t* entries) {
  BacktestConfig config;
  config.initial_cash = 1e8;
  config.costs = {5.0, 5.0, 0.0};
  const auto start = std::chrono::steady_clock::now();
  const auto strategy = make_strategy(registry, work.strategy, work.parameters);
  const BacktestResult result = run_backtest(market, scores, *strategy, config);
  const std::chrono::duration<double, std::milli> elapsed = std::chrono::steady_clock::now() - start;
  *entries = result.journal.size();
  return elapsed.count();
}

void measure(const Case& work, const StrategyRegistry& registry, int repeats) {
  const MarketData market = testing::make_random_market(work.sessions, work.names, 1, 0.0);
  const Panel scores = testing::make_random_scores(market, 2);
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(repeats));
  std::size_t entries = 0;
  for (int i = 0; i < repeats; ++i) {
    times.push_back(milliseconds_of_one_run(work, market, scores, registry, &entries));
  }
  std::sort(times.begin(), times.end());
  fmt::print("{} sessions={} names={} median_ms={:.2f} least_ms={:.2f} entries={}\n", work.name,
             work.sessions, work.names, times[times.size() / 2], times.front(), entries);
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::atoi(argv[1]) : 11;
  StrategyRegistry registry("strategy");
  plugins::strategies::register_all(registry);
  const Case cases[] = {
      {"topk_dropout_main_study",
       1000,
       478,
       "topk_dropout",
       {{"k", std::int64_t{50}}, {"drop", std::int64_t{5}}}},
      {"rebalance_50_every_20", 5000, 500, "top_quantile", {{"quantile", 0.1}, {"every", std::int64_t{20}}}},
      {"rebalance_500_every_20", 5000, 500, "top_quantile", {{"quantile", 1.0}, {"every", std::int64_t{20}}}},
      {"long_short_daily", 5000, 500, "long_short_quantile", {}},
  };
  for (const Case& work : cases) measure(work, registry, repeats);
  return 0;
}
