#include "plugins/providers/simulated.h"

#include <fmt/format.h>

#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/threads.h"
#include "orrery/market/calendar.h"
#include "plugins/providers/registry.h"
#include "plugins/providers/simulated/tables.h"

namespace orrery::plugins::providers {
namespace simulated_plugin {
namespace {

using namespace simulated;

void require(bool holds, std::string_view option, std::string_view allowed, double found) {
  if (holds) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("option '{}' of the simulated market must be {}, found {}", option, allowed, found));
}

void check_options(const SimulatedMarketOptions& options) {
  require(options.instruments >= 10 && options.instruments <= 20000, "instruments", "from 10 to 20000",
          options.instruments);
  require(options.years >= 0.5 && options.years <= 100.0, "years", "from 0.5 to 100", options.years);
  require(options.signal_ic >= 0.0 && options.signal_ic <= 0.2, "signal", "a rank IC from 0 to 0.2",
          options.signal_ic);
}

std::vector<Date> session_dates(const SimulatedMarketOptions& options) {
  const auto days = static_cast<int>(std::lround(options.years * 365.25));
  return find_calendar("XNYS").sessions(options.start, options.start + (days - 1));
}

std::vector<BarSeries> all_bars(const SimulatedMarketOptions& options,
                                const std::vector<Instrument>& instruments, const Paths& paths) {
  std::vector<BarSeries> series(instruments.size());
  parallel_for(series.size(), options.threads,
               [&](std::size_t i) { series[i] = make_bars(options, instruments, paths, i); });
  return series;
}

SimulationSummary summarize(const SimulatedMarketOptions& options, const std::vector<Date>& sessions,
                            const std::vector<BarSeries>& series, const DeliveredRows& delivered,
                            const std::vector<Instrument>& instruments) {
  SimulationSummary summary;
  summary.options = options;
  summary.sessions = sessions.size();
  summary.first_date = sessions.front();
  summary.last_date = sessions.back();
  summary.rows = delivered.rows.size();
  summary.missing_rows = delivered.missing_rows;
  summary.halts = delivered.halts;
  summary.halted_rows = delivered.halted_rows;
  for (const BarSeries& one : series) {
    for (const CorporateAction& action : one.actions) {
      summary.splits += action.split_ratio != 1.0 ? 1 : 0;
      summary.dividends += action.dividend > 0.0 ? 1 : 0;
    }
  }
  summary.damage = delivered.damage;
  for (DamagedRow& damaged : summary.damage) {
    const PriceRow& row = delivered.rows[damaged.row];
    damaged.date = sessions[row.bar.row];
    damaged.symbol = instruments[row.instrument].symbol;
  }
  return summary;
}

ProviderInfo simulated_info() {
  const SimulatedMarketOptions defaults;
  return {
      .name = "simulated",
      .summary = "a market made on this machine, with a planted signal of known strength",
      .source = "docs/simulated-market.md",
      .parameters =
          {
              {"instruments", std::int64_t{defaults.instruments}, "number of symbols", 10, 20000, {}},
              {"years", defaults.years, "length of the span in years", 0.5, 100, {}},
              {"seed",
               static_cast<std::int64_t>(defaults.seed),
               "the same seed gives the same market",
               0,
               std::nullopt,
               {}},
              {"signal", defaults.signal_ic, "planted daily rank IC; 0: nothing is predictable", 0, 0.2, {}},
              {"damage",
               defaults.damage,
               "also duplicated, impossible, missing and out-of-order rows",
               std::nullopt,
               std::nullopt,
               {}},
          },
      .tables = {"prices", "sectors", "delistings", "actions", "truth"},
  };
}

class SimulatedProvider final : public Provider {
 public:
  explicit SimulatedProvider(const ParameterMap& parameters) : info_(simulated_info()) {
    options_.instruments = static_cast<int>(get_integer(parameters, "instruments"));
    options_.years = get_double(parameters, "years");
    options_.seed = static_cast<std::uint64_t>(get_integer(parameters, "seed"));
    options_.signal_ic = get_double(parameters, "signal");
    options_.damage = get_bool(parameters, "damage");
  }

  const ProviderInfo& info() const override { return info_; }

  void fetch(const ProviderRequest& request, ProviderSink& sink, Progress& progress) override {
    if (!request.symbols.empty() || request.begin || request.end) {
      throw user_error(ErrorCode::kInvalidArgument,
                       "the simulated market is delivered whole; ask for it without symbols and dates");
    }
    const SimulatedMarket market = simulate_market(options_, progress);
    sink.accept("prices", market.prices);
    sink.accept("sectors", market.sectors);
    sink.accept("delistings", market.delistings);
    sink.accept("actions", market.actions);
    sink.accept("truth", market.truth);
  }

 private:
  ProviderInfo info_;
  SimulatedMarketOptions options_;
};

}  // namespace

SimulatedMarket make_market(const SimulatedMarketOptions& options, Progress& progress) {
  check_options(options);
  const std::vector<Date> sessions = session_dates(options);
  const std::vector<Instrument> instruments = draw_instruments(options, sessions.size());
  const Paths paths = simulate_paths(options, instruments, sessions.size(), progress);
  const std::vector<BarSeries> series = all_bars(options, instruments, paths);
  const DeliveredRows delivered = deliver(options, series);
  SimulatedMarket market;
  market.prices = price_table(delivered, instruments, sessions);
  market.sectors = sector_table(instruments);
  market.delistings = delisting_table(instruments, sessions);
  market.actions = action_table(series, instruments, sessions);
  market.truth = truth_table(paths, instruments, sessions);
  market.summary = summarize(options, sessions, series, delivered, instruments);
  return market;
}

void add_to(Registry& registry) {
  registry.add("simulated", {simulated_info(), [](const ParameterMap& parameters, const ProviderContext&) {
                               return std::make_unique<SimulatedProvider>(parameters);
                             }});
}

}  // namespace simulated_plugin

SimulatedMarket simulate_market(const SimulatedMarketOptions& options, Progress& progress) {
  return simulated_plugin::make_market(options, progress);
}

}  // namespace orrery::plugins::providers
