#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/progress.h"
#include "orrery/data/table.h"

namespace orrery::plugins::providers {

/// What kind of market to simulate.
struct SimulatedMarketOptions {
  int instruments = 500;    ///< symbols over the whole span, listed and delisted ones together; 10 to 20,000
  double years = 5.0;       ///< length of the span; 0.5 to 100
  std::uint64_t seed = 7;   ///< the same options give the same market
  double signal_ic = 0.03;  ///< planted daily rank IC against Ref($close,-2)/Ref($close,-1)-1; 0 to 0.2
  bool damage = true;       ///< also duplicated, impossible, missing and out-of-order rows
  Date start = {17532};     ///< the first session is on or after this day (2018-01-01)
  int threads = 0;          ///< 0: all cores; the result does not depend on it
};

/// One damaged row, so that a reader's quarantine can be compared with the truth.
struct DamagedRow {
  std::size_t row = 0;  ///< 0-based row of `prices`
  Date date;
  std::string symbol;
  /// "duplicate" (an earlier, wrong copy of the next row), "impossible_bar" (high < low),
  /// "nonpositive_price", "missing_value" (NaN close), "out_of_order" (stands after the next day's row),
  /// "zero_volume" (a good row without trades), "text" (non-numeric close in ohlcv.csv only)
  std::string kind;
};

/// Facts about a simulated market; written as simulation.json.
struct SimulationSummary {
  SimulatedMarketOptions options;
  std::size_t sessions = 0;
  Date first_date;
  Date last_date;
  std::size_t rows = 0;          ///< of `prices`
  std::size_t missing_rows = 0;  ///< single bars left out of `prices`
  std::size_t halts = 0;         ///< runs of several bars left out
  std::size_t halted_rows = 0;   ///< bars left out in those runs
  std::size_t splits = 0;
  std::size_t dividends = 0;
  std::vector<DamagedRow> damage;
};

/// A simulated market as tables. Model and formulas: docs/simulated-market.md.
struct SimulatedMarket {
  Table prices;   ///< date, symbol, open, high, low, close, adj_close, volume; by symbol, then date
  Table sectors;  ///< symbol, sector
  Table
      delistings;  ///< date (the session after the last bar), symbol, reason, delisting_return (NaN: unknown)
  Table actions;   ///< date (ex-date), symbol, split_ratio (1: none), dividend (cash per new share; 0: none)
  Table truth;     ///< date, symbol, signal: the latent predictor, known at that day's close
  SimulationSummary summary;
};

/// Simulates a market: sectors, common factors, volatility regimes, jumps, fat tails, volume, listings,
/// delistings, splits, dividends and damaged rows, with a planted signal whose expected daily Spearman
/// correlation with the next-but-one session's return is exactly `signal_ic`; with 0 nothing is predictable.
/// Same bytes for the same options on one machine. Errors: kInvalidArgument for an option out of range.
SimulatedMarket simulate_market(const SimulatedMarketOptions& options,
                                Progress& progress = silent_progress());

/// Returns simulation.json's text: the options, counts of rows and of each kind of damage, and the marker
/// `"simulated": true` with `"planted_rank_ic"` and `"banner"`.
std::string simulation_json(const SimulationSummary& summary);

/// Returns the line that every page made from such data carries: "SIMULATED, signal planted, IC = 0.03".
std::string simulation_banner(double planted_ic);

/// Tells whether a price file is simulated, and with which planted IC: from the Parquet file's own footer, or
/// for other files from a simulation.json beside it. Nothing for real data.
/// Errors: kNotFound, kDataCorrupt.
std::optional<double> find_planted_ic(const std::filesystem::path& data_file);

/// Returns the line for a price file that is simulated, "" for real data. Errors: as find_planted_ic.
std::string simulation_banner_of(const std::filesystem::path& data_file);

/// Writes `ohlcv.parquet`, `sectors.csv`, `delistings.csv`, `actions.csv`, `damage.csv`, `truth.parquet` and
/// `simulation.json` into a folder that appears whole; with `csv` also `ohlcv.csv`, which has the text damage
/// that Parquet can't hold. An earlier simulation in that folder is replaced.
/// Errors: kAlreadyExists when the folder holds anything else, kIo.
void write_simulated_market(const SimulatedMarket& market, const std::filesystem::path& folder,
                            bool csv = false);

}  // namespace orrery::plugins::providers
