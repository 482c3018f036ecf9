// What the factor engine costs: Alpha158 whole and by family, Alpha101 whole and factor by factor, on 500
// instruments x 5,000 sessions with listings, delistings and 1 % missing bars, results written into panels
// that exist. Run:
//   build/bench/bin/orrery_factor_bench [--benchmark_filter=FAMILY]

#include <benchmark/benchmark.h>
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <chrono>
#include <cmath>
#include <set>
#include <string>
#include <vector>

#include "orrery/base/random.h"
#include "orrery/factor/executor.h"
#include "orrery/factor/streaming.h"

namespace orrery {
namespace {

constexpr std::size_t kRows = 5000;
constexpr std::size_t kInstruments = 500;

/// Random walks in the manner of shared/peers/gen_panel.py: a fifth lists late, a tenth delists early.
MarketData make_panel() {
  Random random(20240229);
  MarketData market;
  for (std::size_t t = 0; t < kRows; ++t) market.dates.push_back(Date{static_cast<std::int32_t>(t)});
  std::map<std::string, Panel, std::less<>> fields;
  for (const char* name : {"open", "high", "low", "close", "vwap", "volume"})
    fields.emplace(name, Panel(kRows, kInstruments));
  market.present = MaskPanel(kRows, kInstruments, 0);
  for (std::size_t i = 0; i < kInstruments; ++i) {
    market.symbols.push_back(fmt::format("S{:04}", i));
    market.sectors.push_back(fmt::format("{:02}", i % 11));
    const std::size_t first = random.uniform() < 0.2 ? 1 + random.below(kRows / 2) : 0;
    const std::size_t end = random.uniform() < 0.1 ? kRows * 3 / 5 + random.below(kRows * 2 / 5) : kRows;
    market.first_row.push_back(static_cast<int>(first));
    market.last_row.push_back(static_cast<int>(end) - 1);
    double close = 5.0 + 195.0 * random.uniform();
    for (std::size_t t = first; t < end; ++t) {
      const double open = close * std::exp(0.005 * random.normal());
      close *= std::exp(0.02 * random.normal());
      const double high = std::max(open, close) * std::exp(0.01 * random.uniform());
      const double low = std::min(open, close) * std::exp(-0.01 * random.uniform());
      const double volume = random.uniform() < 0.001 ? 0.0 : std::round(1e6 * std::exp(random.normal()));
      if (t > first && t + 1 < end && random.uniform() < 0.01) continue;
      market.present(t, i) = 1;
      fields.at("open")(t, i) = open;
      fields.at("high")(t, i) = high;
      fields.at("low")(t, i) = low;
      fields.at("close")(t, i) = close;
      fields.at("vwap")(t, i) = 0.5 * (high + low);
      fields.at("volume")(t, i) = volume;
    }
  }
  market.fields = std::move(fields);
  return market;
}

const MarketData& panel() {
  static const MarketData market = make_panel();
  return market;
}

std::string family_of(std::string name) {
  while (!name.empty() && std::isdigit(static_cast<unsigned char>(name.back())) != 0) name.pop_back();
  return name;
}

void run_factors(benchmark::State& state, const std::vector<FactorDefinition>& definitions, int threads) {
  const CompiledFactors factors = compile_factors(definitions, Precision::kFloat32, false);
  const ExecutionShape shape = shape_for(factors, kInstruments, threads);
  const BatchExecutor executor(factors, panel(), shape, kernels::available_instructions());
  std::vector<FloatPanel> results;
  for (std::size_t i = 0; i < definitions.size(); ++i) results.emplace_back(kRows, kInstruments);
  for (auto _ : state) executor.run(results, threads, silent_progress());
  state.counters["factors"] = static_cast<double>(definitions.size());
  state.counters["ns_per_value"] =
      benchmark::Counter(static_cast<double>(definitions.size() * kRows * kInstruments),
                         benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}

/// Rows of all instruments pushed one by one through all factors; the counters are of single rows.
void stream_factors(benchmark::State& state, const std::vector<FactorDefinition>& definitions) {
  constexpr std::size_t kStreamed = 2000;
  const MarketData& market = panel();
  std::vector<double> microseconds;
  for (auto _ : state) {
    StreamingFactors stream(definitions, {market.symbols, market.sectors});
    for (std::size_t row = 0; row < kStreamed; ++row) {
      std::vector<std::span<const double>> fields;
      for (const auto& name : stream.fields()) fields.push_back(market.field(name).row(row));
      const auto start = std::chrono::steady_clock::now();
      if (stream.push({start_of(market.dates[row]), fields})) state.SkipWithError("a row was refused");
      benchmark::DoNotOptimize(stream.values(definitions.size() - 1).data());
      const std::chrono::duration<double, std::micro> taken = std::chrono::steady_clock::now() - start;
      microseconds.push_back(taken.count());
    }
  }
  std::sort(microseconds.begin(), microseconds.end());
  state.counters["row_us_median"] = microseconds[microseconds.size() / 2];
  state.counters["row_us_p99"] = microseconds[microseconds.size() * 99 / 100];
}

/// A set whole, on one thread and two and as a stream.
void register_set(const std::string& name) {
  const auto all = factor_set(name);
  for (const int threads : {1, 2}) {
    benchmark::RegisterBenchmark(
        fmt::format("{}/threads:{}", name, threads).c_str(),
        [all, threads](benchmark::State& state) { run_factors(state, all, threads); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
  benchmark::RegisterBenchmark(fmt::format("{}/stream", name).c_str(), [all](benchmark::State& state) {
    stream_factors(state, all);
  })->Unit(benchmark::kMillisecond);
}

void register_families() {
  const auto all = factor_set("alpha158");
  std::set<std::string> families;
  for (const auto& factor : all) families.insert(family_of(factor.name));
  for (const auto& family : families) {
    std::vector<FactorDefinition> members;
    std::copy_if(all.begin(), all.end(), std::back_inserter(members),
                 [&](const auto& factor) { return family_of(factor.name) == family; });
    benchmark::RegisterBenchmark(fmt::format("alpha158/family/{}", family).c_str(),
                                 [members](benchmark::State& state) { run_factors(state, members, 1); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
}

void register_alone() {
  for (const auto& factor : factor_set("alpha101")) {
    const std::vector<FactorDefinition> one = {factor};
    benchmark::RegisterBenchmark(fmt::format("alpha101/alone/{}", factor.name).c_str(),
                                 [one](benchmark::State& state) { run_factors(state, one, 1); })
        ->Unit(benchmark::kMillisecond)
        ->UseRealTime();
  }
}

void register_all() {
  register_set("alpha158");
  register_families();
  register_set("alpha101");
  register_alone();
}

}  // namespace
}  // namespace orrery

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  orrery::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
