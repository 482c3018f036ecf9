// Times whole backtests on prices out of a file, for bench/event_engine.py.
// usage: orrery_event_engine_bench rebalance PRICES NAMES SCORES EVERY REPEATS
//        orrery_event_engine_bench crossing PRICES FAST SLOW REPEATS
//        orrery_event_engine_bench sweep PRICES NAMES SCORES RUNS THREADS
//
// PRICES, SCORES: numbers of eight bytes, session after session; SCORES NaN where there is none. `rebalance`
// holds the tenth of the names with the best scores, 0.95 of the equity in all, every so many sessions;
// `crossing` 0.95 of the equity in one name, in whole shares, while its fast moving average is above the slow
// one, averages included; `sweep` is `rebalance` every 1, 2, … RUNS sessions, on so many threads. Fills are
// at the next close, with 5 basis points of commission. Nothing of a run is left out: positions of each
// session, weights and the journal are recorded. Printed: the seconds of each repeat, the equity at the end
// and the number of bookings (of a sweep of every run), as JSON.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <string>
#include <vector>

#include "orrery/backtest/backtest.h"
#include "orrery/base/error.h"
#include "orrery/base/stopwatch.h"
#include "orrery/base/threads.h"
#include "orrery/factor/compute.h"
#include "plugins/strategies/registry.h"

namespace orrery::event_engine_bench {
namespace {

std::vector<double> read_numbers(const std::string& path) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) throw user_error(ErrorCode::kNotFound, "no such file: " + path);
  std::vector<double> values(static_cast<std::size_t>(file.tellg()) / sizeof(double));
  file.seekg(0);
  file.read(reinterpret_cast<char*>(values.data()),
            static_cast<std::streamsize>(values.size() * sizeof(double)));
  return values;
}

Panel to_panel(const std::vector<double>& values, std::size_t names) {
  Panel panel(values.size() / names, names);
  for (std::size_t row = 0; row < panel.rows(); ++row) {
    for (std::size_t i = 0; i < names; ++i) panel(row, i) = values[row * names + i];
  }
  return panel;
}

MarketData read_market(const std::string& path, std::size_t names) {
  Panel close = to_panel(read_numbers(path), names);
  const std::size_t rows = close.rows();
  MarketData market;
  for (std::size_t row = 0; row < rows; ++row) market.dates.push_back(Date{static_cast<int>(row)});
  for (std::size_t i = 0; i < names; ++i) market.symbols.push_back(fmt::format("S{:05}", i));
  market.present = MaskPanel(rows, names, 1);
  market.dividend = Panel(rows, names, 0.0);
  market.split_ratio = Panel(rows, names, 1.0);
  market.first_row.assign(names, 0);
  market.last_row.assign(names, static_cast<int>(rows) - 1);
  market.sectors.assign(names, "");
  market.fields.emplace("close", close);
  market.raw.emplace("close", std::move(close));
  return market;
}

BacktestConfig config_of_bench() {
  BacktestConfig config;
  config.initial_cash = 1e8;
  config.costs = {5.0, 0.0, 0.0};
  return config;
}

/// In the name while its score is above 0, out of it else.
class Crossing final : public Strategy {
 public:
  void decide(const StrategyInput& input, Decision& decision) override {
    const bool wanted = input.scores[0] > 0.0;
    if (wanted == !input.holdings.empty()) return;
    decision.rebalance = true;
    decision.targets.push_back({0, TargetKind::kWeight, wanted ? 0.95 : 0.0, 0.0, input.scores[0], 1,
                                wanted ? "crossed above" : "crossed below"});
  }
};

struct Outcome {
  double equity = 0.0;
  std::size_t entries = 0;
};

Outcome outcome_of(const BacktestResult& result) {
  return {result.daily.back().equity.units(), result.journal.size()};
}

void print(const std::vector<double>& seconds, const std::vector<Outcome>& outcomes) {
  std::vector<double> equity;
  std::vector<std::size_t> entries;
  for (const Outcome& outcome : outcomes) {
    equity.push_back(outcome.equity);
    entries.push_back(outcome.entries);
  }
  fmt::print("{{\"seconds\": [{}], \"equity\": [{}], \"entries\": [{}]}}\n", fmt::join(seconds, ", "),
             fmt::join(equity, ", "), fmt::join(entries, ", "));
}

Outcome trade_best(const MarketData& market, const Panel& scores, const StrategyRegistry& registry,
                   int every) {
  const auto strategy =
      make_strategy(registry, "top_quantile", {{"quantile", 0.1}, {"every", std::int64_t{every}}});
  return outcome_of(run_backtest(market, scores, *strategy, config_of_bench()));
}

void run_rebalance(char** argv, const StrategyRegistry& registry) {
  const auto names = static_cast<std::size_t>(std::atoll(argv[3]));
  const MarketData market = read_market(argv[2], names);
  const Panel scores = to_panel(read_numbers(argv[4]), names);
  std::vector<double> seconds;
  Outcome outcome;
  for (int i = 0; i < std::atoi(argv[6]); ++i) {
    const Stopwatch watch;
    outcome = trade_best(market, scores, registry, std::atoi(argv[5]));
    seconds.push_back(watch.seconds());
  }
  print(seconds, {outcome});
}

void run_crossing(char** argv) {
  const MarketData market = read_market(argv[2], 1);
  const FactorDefinition crossing{"crossing", fmt::format("EMA($close,{})-EMA($close,{})", argv[3], argv[4])};
  FactorOptions options;
  options.precision = Precision::kFloat64;
  options.threads = 1;
  std::vector<double> seconds;
  Outcome outcome;
  for (int i = 0; i < std::atoi(argv[5]); ++i) {
    const Stopwatch watch;
    const Panel scores = compute_expression(crossing, market, options);
    BacktestConfig config = config_of_bench();
    config.initial_cash = 1e6;
    config.fractional = false;
    Crossing strategy;
    outcome = outcome_of(run_backtest(market, scores, strategy, config));
    seconds.push_back(watch.seconds());
  }
  print(seconds, {outcome});
}

void run_sweep(char** argv, const StrategyRegistry& registry) {
  const auto names = static_cast<std::size_t>(std::atoll(argv[3]));
  const MarketData market = read_market(argv[2], names);
  const Panel scores = to_panel(read_numbers(argv[4]), names);
  std::vector<Outcome> outcomes(static_cast<std::size_t>(std::atoll(argv[5])));
  const Stopwatch watch;
  parallel_for(outcomes.size(), std::atoi(argv[6]), [&](std::size_t i) {
    outcomes[i] = trade_best(market, scores, registry, static_cast<int>(i) + 1);
  });
  print({watch.seconds()}, outcomes);
}

int run(int argc, char** argv) {
  const std::string work = argc > 1 ? argv[1] : "";
  StrategyRegistry registry("strategy");
  plugins::strategies::register_all(registry);
  if (work == "rebalance" && argc == 7) {
    run_rebalance(argv, registry);
  } else if (work == "crossing" && argc == 6) {
    run_crossing(argv);
  } else if (work == "sweep" && argc == 7) {
    run_sweep(argv, registry);
  } else {
    fmt::print(stderr, "usage: orrery_event_engine_bench rebalance|crossing|sweep …, see its source\n");
    return 2;
  }
  return 0;
}

}  // namespace
}  // namespace orrery::event_engine_bench

int main(int argc, char** argv) {
  try {
    return orrery::event_engine_bench::run(argc, argv);
  } catch (const orrery::Error& error) {
    fmt::print(stderr, "{}\n", error.what());
    return 1;
  }
}
