#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/csv.h"
#include "orrery/data/parquet.h"
#include "plugins/providers/simulated.h"

namespace orrery::plugins::providers {
namespace {

constexpr const char* kMarkerFile = "simulation.json";
constexpr const char* kMarkerName = "orrery.simulation";  // in a Parquet file's footer

nlohmann::ordered_json damage_counts(const std::vector<DamagedRow>& damage) {
  nlohmann::ordered_json counts = {{"duplicate", 0},     {"impossible_bar", 0}, {"nonpositive_price", 0},
                                   {"missing_value", 0}, {"out_of_order", 0},   {"zero_volume", 0},
                                   {"text", 0}};
  for (const DamagedRow& row : damage) counts[row.kind] = counts[row.kind].get<int>() + 1;
  return counts;
}

Table damage_table(const std::vector<DamagedRow>& damage) {
  std::vector<std::int64_t> rows;
  std::vector<Date> dates;
  std::vector<std::string> symbols;
  std::vector<std::string> kinds;
  for (const DamagedRow& row : damage) {
    rows.push_back(static_cast<std::int64_t>(row.row) + 1);
    dates.push_back(row.date);
    symbols.push_back(row.symbol);
    kinds.push_back(row.kind);
  }
  return {{{"row", std::move(rows)},
           {"date", std::move(dates)},
           {"symbol", std::move(symbols)},
           {"kind", std::move(kinds)}}};
}

// The price table with every close as text, so that the rows of kind "text" can hold what is no number.
Table price_texts(const SimulatedMarket& market) {
  Table table = market.prices;
  for (Column& column : table.columns) {
    if (column.name != "close") continue;
    std::vector<std::string> texts;
    for (const double value : std::get<std::vector<double>>(column.values)) {
      texts.push_back(std::isnan(value) ? "" : fmt::format("{}", value));
    }
    for (const DamagedRow& row : market.summary.damage) {
      if (row.kind == "text") texts[row.row] = "l2.5O";  // letters for digits, as a scanner reads them
    }
    column.values = std::move(texts);
  }
  return table;
}

double planted_ic_of(const std::string& text, const std::filesystem::path& path) {
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (!json.is_object() || !json.contains("planted_rank_ic") || !json["planted_rank_ic"].is_number()) {
    throw external_error(
        ErrorCode::kDataCorrupt,
        fmt::format("the marker of a simulated market has no number 'planted_rank_ic': {}", path.string()));
  }
  return json["planted_rank_ic"].get<double>();
}

bool is_free_or_simulation(const std::filesystem::path& folder) {
  return !std::filesystem::exists(folder) || std::filesystem::is_empty(folder) ||
         std::filesystem::exists(folder / kMarkerFile);
}

}  // namespace

std::string simulation_banner(double planted_ic) {
  return fmt::format("SIMULATED, signal planted, IC = {}", planted_ic);
}

std::string simulation_json(const SimulationSummary& summary) {
  const SimulatedMarketOptions& options = summary.options;
  const nlohmann::ordered_json json = {
      {"simulated", true},
      {"banner", simulation_banner(options.signal_ic)},
      {"planted_rank_ic", options.signal_ic},
      {"seed", options.seed},
      {"instruments", options.instruments},
      {"years", options.years},
      {"damaged", options.damage},
      {"sessions", summary.sessions},
      {"first_date", to_string(summary.first_date)},
      {"last_date", to_string(summary.last_date)},
      {"rows", summary.rows},
      {"missing_rows", summary.missing_rows},
      {"halts", summary.halts},
      {"halted_rows", summary.halted_rows},
      {"splits", summary.splits},
      {"dividends", summary.dividends},
      {"damage", damage_counts(summary.damage)},
  };
  return json.dump(2) + "\n";
}

std::optional<double> find_planted_ic(const std::filesystem::path& data_file) {
  if (data_file.extension() == ".parquet") {
    const ParquetMetadata metadata = read_parquet_metadata(data_file);
    const auto found = metadata.find(kMarkerName);
    return found == metadata.end() ? std::nullopt : std::optional(planted_ic_of(found->second, data_file));
  }
  const std::filesystem::path marker = data_file.parent_path() / kMarkerFile;
  if (!std::filesystem::exists(marker)) return std::nullopt;
  return planted_ic_of(read_file(marker), marker);
}

std::string simulation_banner_of(const std::filesystem::path& data_file) {
  const auto planted = find_planted_ic(data_file);
  return planted ? simulation_banner(*planted) : "";
}

void write_simulated_market(const SimulatedMarket& market, const std::filesystem::path& folder, bool csv) {
  if (!is_free_or_simulation(folder)) {
    throw user_error(
        ErrorCode::kAlreadyExists,
        fmt::format("the folder holds files that are no earlier simulation: {}", folder.string()));
  }
  FolderTransaction transaction(folder, true);
  const std::filesystem::path& staging = transaction.staging();
  const std::string marker = simulation_json(market.summary);
  write_parquet(market.prices, staging / "ohlcv.parquet", {{kMarkerName, marker}});
  write_parquet(market.truth, staging / "truth.parquet", {{kMarkerName, marker}});
  write_csv(market.sectors, staging / "sectors.csv");
  write_csv(market.delistings, staging / "delistings.csv");
  write_csv(market.actions, staging / "actions.csv");
  write_csv(damage_table(market.summary.damage), staging / "damage.csv");
  if (csv) write_csv(price_texts(market), staging / "ohlcv.csv");
  write_file_atomically(staging / kMarkerFile, marker);
  transaction.commit();
}

}  // namespace orrery::plugins::providers
