#include "orrery/backtest/restated_prices.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "orrery/market/identities.h"

namespace orrery {
namespace {

/// Where a booking's day and name are in the data of now.
class Cells {
 public:
  Cells(const BacktestResult& books, const MarketData& market)
      : books_(books), market_(market), names_(market.renames) {}

  struct Cell {
    std::size_t row = 0, instrument = 0;
  };
  std::optional<Cell> find(Date date, std::uint32_t instrument) const {
    const std::size_t row = market_.lower_row(date);
    if (row >= market_.rows() || market_.dates[row] != date) return std::nullopt;
    const auto place = market_.find_symbol(names_.name_of(books_.symbols[instrument], date));
    if (!place) return std::nullopt;
    return Cell{row, *place};
  }

 private:
  const BacktestResult& books_;
  const MarketData& market_;
  const Identities names_;
};

}  // namespace

std::vector<RestatedPrice> find_restated_prices(const BacktestResult& books, const MarketData& market) {
  std::vector<RestatedPrice> found;
  const Cells cells(books, market);
  const auto compare = [&](Date date, std::uint32_t instrument, const char* what, Money booked, double now) {
    const Money price = now > 0.0 ? to_money(now) : Money{};
    if (price != booked) found.push_back({date, books.symbols[instrument], what, booked, price});
  };
  const Panel& closes = market.raw_field("close");
  for (const PositionRow& row : books.positions) {
    const auto cell = cells.find(row.date, row.instrument);
    if (!cell || !(closes(cell->row, cell->instrument) > 0.0)) continue;
    compare(row.date, row.instrument, "close", row.mark, closes(cell->row, cell->instrument));
  }
  for (const JournalEntry& entry : books.journal) {
    if (entry.kind != EntryKind::kDividend || market.dividend.empty()) continue;
    const auto cell = cells.find(entry.session.date, entry.instrument);
    if (!cell) continue;
    compare(entry.session.date, entry.instrument, "dividend", entry.price,
            market.dividend(cell->row, cell->instrument));
  }
  std::stable_sort(found.begin(), found.end(), [](const RestatedPrice& left, const RestatedPrice& right) {
    return left.date < right.date;
  });
  return found;
}

std::string describe(const RestatedPrice& price) {
  return fmt::format("{} on {}: {} {} was booked, the data now have {}", price.symbol, to_string(price.date),
                     price.what, price.booked.units(), price.now.units());
}

}  // namespace orrery
