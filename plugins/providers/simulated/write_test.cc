#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/fingerprint.h"
#include "orrery/data/parquet.h"
#include "orrery/data/prices.h"
#include "plugins/providers/simulated.h"
#include "testing/temporary_folder.h"

namespace orrery::plugins::providers::write_test {
namespace {

SimulatedMarketOptions small_market(bool damage) {
  SimulatedMarketOptions options;
  options.instruments = 120;
  options.years = 3.0;
  options.seed = 11;
  options.damage = damage;
  return options;
}

const SimulatedMarket& damaged_market() {
  static const SimulatedMarket market = simulate_market(small_market(true));
  return market;
}

PriceLoad load(const std::filesystem::path& folder, const char* name) {
  PriceSource source;
  source.path = folder / name;
  source.sectors = folder / "sectors.csv";
  source.delistings = folder / "delistings.csv";
  return load_prices(source);
}

// What the data room says about each kind of damage; kinds that are no damage to it have no entry.
const std::map<std::string, std::string> kReasons = {
    {"duplicate", "duplicate key"},
    {"impossible_bar", "impossible bar"},
    {"nonpositive_price", "zero or negative price"},
    {"missing_value", "empty field"},
    {"out_of_order", "out-of-order date"},
    {"text", "non-numeric field"},
};

using Notes = std::set<std::pair<std::int64_t, std::string>>;  // row from 1, reason

Notes planted_notes(const SimulatedMarket& market, bool with_text) {
  Notes notes;
  for (const DamagedRow& row : market.summary.damage) {
    const auto reason = kReasons.find(row.kind);
    if (reason == kReasons.end() || (row.kind == "text" && !with_text)) continue;
    notes.insert({static_cast<std::int64_t>(row.row) + 1, reason->second});
  }
  return notes;
}

// `header_lines` stand before the first row.
Notes found_notes(const Table& quarantine, std::int64_t header_lines) {
  const auto& lines = std::get<std::vector<std::int64_t>>(quarantine.column("line").values);
  const auto& reasons = std::get<DictionaryStrings>(quarantine.column("reason").values);
  Notes notes;
  for (std::size_t k = 0; k < lines.size(); ++k) {
    notes.insert({lines[k] - header_lines, reasons.dictionary[static_cast<std::size_t>(reasons.codes[k])]});
  }
  return notes;
}

std::size_t count_of(const SimulatedMarket& market, const std::string& kind) {
  std::size_t count = 0;
  for (const DamagedRow& row : market.summary.damage) count += row.kind == kind ? 1 : 0;
  return count;
}

TEST(WriteSimulatedMarket, WritesTheSameBytesTwice) {
  const testing::TemporaryFolder folder;
  const auto one = folder.path() / "one";
  const auto two = folder.path() / "two";
  write_simulated_market(damaged_market(), one, true);
  write_simulated_market(simulate_market(small_market(true)), two, true);
  for (const char* name : {"ohlcv.parquet", "ohlcv.csv", "truth.parquet", "sectors.csv", "delistings.csv",
                           "actions.csv", "damage.csv", "simulation.json"}) {
    EXPECT_EQ(fingerprint_file(one / name), fingerprint_file(two / name)) << name;
  }
  EXPECT_NO_THROW(write_simulated_market(damaged_market(), one)) << "an earlier simulation is replaced";
  EXPECT_FALSE(std::filesystem::exists(one / "ohlcv.csv"));
}

TEST(WriteSimulatedMarket, LeavesAFolderWithOtherFilesAlone) {
  const testing::TemporaryFolder folder;
  write_file_atomically(folder.path() / "thesis.txt", "mine");
  EXPECT_THROW(write_simulated_market(damaged_market(), folder.path()), Error);
  EXPECT_EQ(read_file(folder.path() / "thesis.txt"), "mine");
}

TEST(WriteSimulatedMarket, MarksItsFilesAsSimulated) {
  const testing::TemporaryFolder folder;
  const auto out = folder.path() / "out";
  write_simulated_market(damaged_market(), out, true);
  EXPECT_EQ(find_planted_ic(out / "ohlcv.parquet"), 0.03);
  EXPECT_EQ(find_planted_ic(out / "ohlcv.csv"), 0.03);
  std::filesystem::rename(out / "ohlcv.parquet", folder.path() / "moved.parquet");
  EXPECT_EQ(find_planted_ic(folder.path() / "moved.parquet"), 0.03);
  EXPECT_EQ(simulation_banner(0.03), "SIMULATED, signal planted, IC = 0.03");
  EXPECT_EQ(simulation_banner(0.0), "SIMULATED, signal planted, IC = 0");
  write_parquet(damaged_market().sectors, folder.path() / "real.parquet");
  EXPECT_EQ(find_planted_ic(folder.path() / "real.parquet"), std::nullopt);
  EXPECT_EQ(find_planted_ic(folder.path() / "real.csv"), std::nullopt);
}

TEST(WriteSimulatedMarket, TheDataRoomFindsExactlyTheDamageThatWasDone) {
  const testing::TemporaryFolder folder;
  const auto out = folder.path() / "out";
  const SimulatedMarket& market = damaged_market();
  write_simulated_market(market, out, true);
  const PriceLoad parquet = load(out, "ohlcv.parquet");
  EXPECT_EQ(found_notes(parquet.quarantine, 0), planted_notes(market, false));
  EXPECT_EQ(parquet.summary.rows_read, market.summary.rows);
  EXPECT_EQ(parquet.summary.zero_volume_rows, count_of(market, "zero_volume"));
  EXPECT_EQ(parquet.summary.out_of_order_rows, count_of(market, "out_of_order"));
  EXPECT_TRUE(parquet.summary.missing_sessions.empty());
  EXPECT_EQ(found_notes(load(out, "ohlcv.csv").quarantine, 1), planted_notes(market, true));
}

TEST(WriteSimulatedMarket, TheDataRoomRecoversActionsSectorsAndDelistings) {
  const testing::TemporaryFolder folder;
  const auto out = folder.path() / "out";
  const SimulatedMarket market = simulate_market(small_market(false));
  write_simulated_market(market, out);
  const PriceLoad loaded = load(out, "ohlcv.parquet");
  EXPECT_EQ(loaded.summary.rows_quarantined, 0U);
  EXPECT_EQ(loaded.summary.missing_bars, 0U);
  EXPECT_EQ(loaded.summary.symbols_without_sector, 0U);
  EXPECT_EQ(loaded.market.delistings.size(), market.delistings.rows());
  EXPECT_EQ(loaded.summary.unused_delistings, 0U);
  EXPECT_EQ(loaded.summary.unexplained_adjustments, 0U);
  const auto& days = std::get<std::vector<Date>>(market.actions.column("date").values);
  const auto& symbols = std::get<DictionaryStrings>(market.actions.column("symbol").values);
  for (std::size_t k = 0; k < market.actions.rows(); ++k) {
    const std::size_t row = loaded.market.lower_row(days[k]);
    const std::string& symbol = symbols.dictionary[static_cast<std::size_t>(symbols.codes[k])];
    const std::size_t column = loaded.market.find_symbol(symbol).value();
    const double ratio = std::get<std::vector<double>>(market.actions.column("split_ratio").values)[k];
    const double dividend = std::get<std::vector<double>>(market.actions.column("dividend").values)[k];
    EXPECT_DOUBLE_EQ(loaded.market.split_ratio(row, column), ratio) << symbol << " " << to_string(days[k]);
    EXPECT_NEAR(loaded.market.dividend(row, column), dividend, 1e-9) << symbol << " " << to_string(days[k]);
  }
}

}  // namespace
}  // namespace orrery::plugins::providers::write_test
