#include "orrery/app/cut_market.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"

namespace orrery {
namespace {

/// What is left of the axes.
struct Cut {
  std::size_t rows = 0;
  std::vector<std::size_t> instruments;  ///< columns of the whole market that stay
};

template <class T>
PanelT<T> cut_panel(const PanelT<T>& whole, const Cut& cut) {
  if (whole.empty()) return {};
  PanelT<T> part(cut.rows, cut.instruments.size());
  for (std::size_t row = 0; row < cut.rows; ++row) {
    for (std::size_t i = 0; i < cut.instruments.size(); ++i) part(row, i) = whole(row, cut.instruments[i]);
  }
  return part;
}

template <class T>
std::vector<T> choose(const std::vector<T>& whole, const Cut& cut) {
  std::vector<T> part;
  if (whole.empty()) return part;
  for (const auto instrument : cut.instruments) part.push_back(whole[instrument]);
  return part;
}

std::map<std::string, Panel, std::less<>> cut_fields(const std::map<std::string, Panel, std::less<>>& whole,
                                                     const Cut& cut) {
  std::map<std::string, Panel, std::less<>> part;
  for (const auto& [name, panel] : whole) part.emplace(name, cut_panel(panel, cut));
  return part;
}

int last_bar(const MaskPanel& present, std::size_t instrument, std::size_t last_row) {
  auto row = static_cast<int>(last_row);
  while (row > 0 && present(static_cast<std::size_t>(row), instrument) == 0) --row;
  return row;
}

std::vector<Delisting> known_delistings(const MarketData& market, const Cut& cut) {
  std::vector<Delisting> known;
  for (const auto& delisting : market.delistings) {
    const auto place = std::lower_bound(cut.instruments.begin(), cut.instruments.end(), delisting.instrument);
    if (delisting.row >= cut.rows || place == cut.instruments.end() || *place != delisting.instrument)
      continue;
    known.push_back(delisting);
    known.back().instrument = static_cast<std::size_t>(place - cut.instruments.begin());
  }
  return known;
}

std::vector<FundingPayment> known_funding(const MarketData& market, const Cut& cut) {
  std::vector<FundingPayment> known;
  for (const auto& payment : market.funding) {
    const auto place = std::lower_bound(cut.instruments.begin(), cut.instruments.end(), payment.instrument);
    if (payment.row >= cut.rows || place == cut.instruments.end() || *place != payment.instrument) continue;
    known.push_back(payment);
    known.back().instrument = static_cast<std::size_t>(place - cut.instruments.begin());
  }
  return known;
}

Cut plan_cut(const MarketData& market, std::size_t last_row) {
  if (last_row >= market.rows()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("can't cut a market of {} sessions after row {}", market.rows(), last_row));
  }
  Cut cut;
  cut.rows = last_row + 1;
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    if (market.first_row[i] <= static_cast<int>(last_row)) cut.instruments.push_back(i);
  }
  if (cut.instruments.empty()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("no instrument has a bar by {}", to_string(market.dates[last_row])));
  }
  return cut;
}

}  // namespace

MarketData cut_market(const MarketData& market, std::size_t last_row) {
  const Cut cut = plan_cut(market, last_row);
  MarketData part;
  part.dates.assign(market.dates.begin(), market.dates.begin() + static_cast<std::ptrdiff_t>(cut.rows));
  part.symbols = choose(market.symbols, cut);
  part.fields = cut_fields(market.fields, cut);
  part.raw = cut_fields(market.raw, cut);
  part.present = cut_panel(market.present, cut);
  part.dividend = cut_panel(market.dividend, cut);
  part.split_ratio = cut_panel(market.split_ratio, cut);
  part.first_row = choose(market.first_row, cut);
  for (const auto instrument : cut.instruments)
    part.last_row.push_back(last_bar(market.present, instrument, last_row));
  part.sectors = choose(market.sectors, cut);
  part.delistings = known_delistings(market, cut);
  part.funding = known_funding(market, cut);
  for (const Rename& rename : market.renames) {
    if (rename.day <= market.dates[last_row]) part.renames.push_back(rename);
  }
  part.delivered_adjusted = market.delivered_adjusted;
  part.account_currency = market.account_currency;
  part.currencies = choose(market.currencies, cut);
  return part;
}

}  // namespace orrery
