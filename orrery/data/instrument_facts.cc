#include "orrery/data/instrument_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "orrery/base/error.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"

namespace orrery {
namespace {

constexpr double kPerformanceReturn = -0.30;

Error bad_field(const TextTable& table, std::size_t row, std::string_view column, std::string_view wanted,
                std::string_view found) {
  return user_error(ErrorCode::kInvalidArgument,
                    fmt::format("{}, line {}, column '{}': {} is expected, found '{}'", table.path.string(),
                                table.lines[row], column, wanted, found));
}

double return_of(const TextTable& table, std::size_t row, const std::string& text,
                 const std::string& reason) {
  double value = 0.0;
  switch (parse_number(text, value)) {
    case NumberText::kNumber:
      if (value >= -1.0) return value;
      break;
    case NumberText::kEmpty:
      return usual_delisting_return(reason);
    case NumberText::kNoNumber:
      break;
  }
  throw bad_field(table, row, "return", "a return of -1 or more", text);
}

}  // namespace

std::size_t read_sectors(const std::filesystem::path& path, MarketData& market) {
  const auto table = read_text_table(path);
  const std::size_t symbol = find_text_column(table, {"symbol", "ticker"});
  const std::size_t sector = find_text_column(table, {"sector", "gics_sector", "industry"});
  market.sectors.assign(market.instruments(), "");
  for (const auto& row : table.rows) {
    if (const auto instrument = market.find_symbol(row[symbol])) market.sectors[*instrument] = row[sector];
  }
  return static_cast<std::size_t>(std::count(market.sectors.begin(), market.sectors.end(), ""));
}

std::size_t read_delistings(const std::filesystem::path& path, MarketData& market) {
  const auto table = read_text_table(path);
  const std::size_t symbol = find_text_column(table, {"symbol", "ticker"});
  const std::size_t date = find_text_column(table, {"date", "delisting_date"});
  const std::size_t return_column = find_text_column(table, {"return", "delisting_return"});
  const std::size_t reason_column = find_text_column(table, {"reason"});
  std::size_t unused = 0;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto& fields = table.rows[row];
    const auto day = parse_date(fields[date]);
    if (!day) throw bad_field(table, row, "date", "YYYY-MM-DD", fields[date]);
    const std::string reason = fields[reason_column].empty() ? "unknown" : fields[reason_column];
    const double value = return_of(table, row, fields[return_column], reason);
    const auto instrument = market.find_symbol(fields[symbol]);
    const std::size_t session = market.lower_row(*day);
    if (instrument && session < market.rows() && *day >= market.dates.front()) {
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
