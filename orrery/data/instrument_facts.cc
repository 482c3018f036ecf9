#include "orrery/data/instrument_facts.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"
#include "orrery/market/identities.h"

namespace orrery {
namespace {

constexpr double kPerformanceReturn = -0.30;

double return_at(const TextTable& table, std::size_t row, std::size_t column, const std::string& reason) {
  double value = 0.0;
  switch (parse_number(table.rows[row][column], value)) {
    case NumberText::kNumber:
      if (value >= -1.0) return value;
      break;
    case NumberText::kEmpty:
      return usual_delisting_return(reason);
    case NumberText::kNoNumber:
      break;
  }
  throw cell_fault(table, row, column, "a return of -1 or more is expected");
}

}  // namespace

std::optional<std::size_t> find_ever(const std::string& symbol, const Identities& names,
                                     const MarketData& market) {
  if (const auto found = market.find_symbol(symbol)) return found;
  const auto renames = names.renames_of(symbol);
  if (renames.empty()) return std::nullopt;
  return market.find_symbol(names.name_of(symbol, renames.back().day - 1));
}

std::size_t read_sectors(const std::filesystem::path& path, MarketData& market) {
  const auto table = read_text_table(path);
  const std::size_t symbol = find_text_column(table, {"symbol", "ticker"});
  const std::size_t sector = find_text_column(table, {"sector", "gics_sector", "industry"});
  const Identities names(market.renames);
  market.sectors.assign(market.instruments(), "");
  for (const auto& row : table.rows) {
    if (const auto instrument = find_ever(row[symbol], names, market))
      market.sectors[*instrument] = row[sector];
  }
  return static_cast<std::size_t>(std::count(market.sectors.begin(), market.sectors.end(), ""));
}

std::size_t read_delistings(const std::filesystem::path& path, MarketData& market) {
  const auto table = read_text_table(path);
  const std::size_t symbol = find_text_column(table, {"symbol", "ticker"});
  const std::size_t date = find_text_column(table, {"date", "delisting_date"});
  const std::size_t return_column = find_text_column(table, {"return", "delisting_return"});
  const std::size_t reason_column = find_text_column(table, {"reason"});
  const Identities names(market.renames);
  std::size_t unused = 0;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto& fields = table.rows[row];
    const Date day = day_at(table, row, date);
    const std::string reason = fields[reason_column].empty() ? "unknown" : fields[reason_column];
    const double value = return_at(table, row, return_column, reason);
    // The symbol was the instrument's until the day before.
    const auto instrument = market.find_symbol(names.name_of(fields[symbol], day - 1));
    const std::size_t session = market.lower_row(day);
    if (instrument && session < market.rows() && day >= market.dates.front()) {
      market.delistings.push_back({*instrument, session, value, reason});
    } else {
      ++unused;
    }
  }
  sort_delistings(market);
  return unused;
}

double usual_delisting_return(std::string_view reason) {
  return reason == "performance" ? kPerformanceReturn : 0.0;
}

void sort_delistings(MarketData& market) {
  std::sort(market.delistings.begin(), market.delistings.end(), [](const Delisting& a, const Delisting& b) {
    return std::pair(a.instrument, a.row) < std::pair(b.instrument, b.row);
  });
}

}  // namespace orrery
