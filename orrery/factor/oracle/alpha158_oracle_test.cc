// Alpha158 against the values of qlib 0.9.7 itself (shared/oracles, made by shared/peers/oracle_qlib.py).

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <variant>
#include <vector>

#include "orrery/data/parquet.h"
#include "orrery/factor/compute.h"
#include "testing/shared_data.h"

namespace orrery::alpha158_oracle_test {
namespace {

std::vector<double> numbers(const Column& column) {
  if (const auto* doubles = std::get_if<std::vector<double>>(&column.values)) return *doubles;
  if (const auto* floats = std::get_if<std::vector<float>>(&column.values))
    return {floats->begin(), floats->end()};
  const auto& integers = std::get<std::vector<std::int64_t>>(column.values);
  return {integers.begin(), integers.end()};
}

std::vector<std::string> texts(const Column& column) {
  const auto& coded = std::get<DictionaryStrings>(column.values);
  std::vector<std::string> result;
  for (const auto code : coded.codes) result.push_back(coded.dictionary[static_cast<std::size_t>(code)]);
  return result;
}

std::vector<Date> dates(const Table& table) {
  for (const auto& column : table.columns) {
    if (const auto* found = std::get_if<std::vector<Date>>(&column.values)) return *found;
    if (column.name != "datetime") continue;
    std::vector<Date> result;  // nanoseconds since 1970
    for (const auto time : std::get<std::vector<std::int64_t>>(column.values)) {
      result.push_back({static_cast<std::int32_t>(time / 86'400'000'000'000)});
    }
    return result;
  }
  ADD_FAILURE() << "no column holds dates";
  return {};
}

/// A table's rows on the axes of symbols and dates.
MarketData market_of(const Table& table) {
  const auto symbols = texts(table.column("symbol"));
  const auto days = dates(table);
  MarketData market;
  const std::set<std::string> unique_symbols(symbols.begin(), symbols.end());
  market.symbols.assign(unique_symbols.begin(), unique_symbols.end());
  const std::set<Date> unique_days(days.begin(), days.end());
  market.dates.assign(unique_days.begin(), unique_days.end());
  market.first_row.assign(market.symbols.size(), static_cast<int>(market.rows()));
  market.last_row.assign(market.symbols.size(), -1);
  for (const char* field : {"open", "high", "low", "close", "volume", "vwap"}) {
    const auto values = numbers(table.column(field));
    Panel panel(market.rows(), market.instruments());
    for (std::size_t i = 0; i < values.size(); ++i) {
      const auto instrument = *market.find_symbol(symbols[i]);
      const auto row = market.lower_row(days[i]);
      panel(row, instrument) = values[i];
      market.first_row[instrument] = std::min(market.first_row[instrument], static_cast<int>(row));
      market.last_row[instrument] = std::max(market.last_row[instrument], static_cast<int>(row));
    }
    market.fields.emplace(field, std::move(panel));
  }
  return market;
}

struct Agreement {
  std::size_t cells = 0;
  std::size_t finite_mismatches = 0;
  std::size_t off = 0;
  double worst = 0.0;
  std::string worst_factor;
};

/// Holds every cell of the oracle against ours: the same cells are finite, and the relative error is under
/// `tolerance` (the absolute one under 1e-9 near zero).
Agreement compare(const Table& oracle, const MarketData& market, const FactorFrame& ours, double tolerance) {
  const auto symbols = texts(oracle.column("instrument"));
  const auto days = dates(oracle);
  Agreement result;
  for (std::size_t f = 0; f < ours.names.size(); ++f) {
    const auto expected = numbers(oracle.column(ours.names[f]));
    for (std::size_t i = 0; i < expected.size(); ++i) {
      const double value = ours.panels[f](market.lower_row(days[i]), *market.find_symbol(symbols[i]));
      ++result.cells;
      if (std::isfinite(value) != std::isfinite(expected[i])) {
        ++result.finite_mismatches;
        if (result.finite_mismatches < 10) {
          ADD_FAILURE() << ours.names[f] << " " << symbols[i] << " " << to_string(days[i]) << ": " << value
                        << " instead of " << expected[i];
        }
        continue;
      }
      if (!std::isfinite(value)) continue;
      const double difference = std::fabs(value - expected[i]);
      if (difference <= 1e-9) continue;
      const double error = difference / std::fabs(expected[i]);
      if (error > tolerance) ++result.off;
      if (error > result.worst) {
        result.worst = error;
        result.worst_factor = ours.names[f];
      }
    }
  }
  return result;
}

void expect_agreement(const std::filesystem::path& folder, const std::string& oracle_file, double tolerance) {
  const Table oracle = read_parquet(folder / oracle_file);
  const MarketData market = market_of(read_parquet(folder / "input.parquet"));
  const auto definitions = factor_set("alpha158");
  ASSERT_EQ(definitions.size(), 158u);
  const FactorFrame ours = compute_factors(definitions, market);
  const Agreement agreement = compare(oracle, market, ours, tolerance);
  EXPECT_GT(agreement.cells, 158u * 10000u);
  EXPECT_EQ(agreement.finite_mismatches, 0u);
  EXPECT_EQ(agreement.off, 0u) << "of " << agreement.cells << "; worst " << agreement.worst << " in "
                               << agreement.worst_factor;
}

// The oracle's last cast to float is not part of the comparison; ours is, hence 1e-6 and not less.
TEST(Alpha158Oracle, SimulatedMarketBeforeTheLastCast) {
  ORRERY_SHARED_OR_SKIP(folder, "oracles/alpha158_simulated");
  expect_agreement(folder, "alpha158_f64.parquet", 1e-6);
}

TEST(Alpha158Oracle, SimulatedMarket) {
  ORRERY_SHARED_OR_SKIP(folder, "oracles/alpha158_simulated");
  expect_agreement(folder, "alpha158_f32.parquet", 2e-6);
}

TEST(Alpha158Oracle, RealStocks) {
  ORRERY_SHARED_OR_SKIP(folder, "oracles/alpha158_sp500");
  expect_agreement(folder, "alpha158_f32.parquet", 2e-6);
}

}  // namespace
}  // namespace orrery::alpha158_oracle_test
