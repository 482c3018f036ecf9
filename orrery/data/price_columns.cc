#include "orrery/data/price_columns.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/column_name.h"

namespace orrery {
namespace {

using Names = std::vector<std::string_view>;

/// Accepted names, the most exact one first. Providers meant: Yahoo (Adj Close, Dividends, Stock Splits),
/// Kaggle's S&P 500 set (Name), Alpha Vantage (adjusted_close, dividend_amount, split_coefficient), Tiingo
/// (adjClose, divCash, splitFactor).
const Names kDateNames = {"date", "datetime", "timestamp", "trade_date", "trading_date", "time", "day"};
const Names kSymbolNames = {"symbol", "ticker", "name", "instrument", "code"};
const std::array<Names, kPriceColumns> kKnownNames = {
    Names{"open", "open_price"},
    Names{"high", "high_price"},
    Names{"low", "low_price"},
    Names{"close", "close_price", "last"},
    Names{"volume", "vol"},
    Names{"adj_close", "adjclose", "adjusted_close", "close_adj"},
    Names{"vwap"},
    Names{"dividend", "dividends", "dividend_amount", "cash_dividend", "divcash", "div_cash"},
    Names{"split_ratio", "split", "splits", "stock_splits", "split_factor", "splitfactor",
          "split_coefficient"}};

const Names kCapitalGainNames = {"capital_gain", "capital_gains"};

/// Moments that a row carries about itself, as fetched ones do: no fields of the market.
constexpr std::array<std::string_view, 6> kRowMoments = {"open_time",  "close_time", "known_time",
                                                         "event_time", "retrieved",  "retrieved_time"};

/// Finds the column that bears the most exact of the names.
std::optional<std::size_t> find_any(const std::vector<std::string>& folded, const Names& accepted) {
  for (const auto name : accepted) {
    for (std::size_t i = 0; i < folded.size(); ++i) {
      if (folded[i] == name) return i;
    }
  }
  return std::nullopt;
}

std::size_t require(const std::optional<std::size_t>& found, std::string_view wanted,
                    const std::vector<std::string>& names, const std::filesystem::path& path) {
  if (found) return *found;
  throw user_error(
      ErrorCode::kNotFound,
      fmt::format("{} has no column '{}'{}; needed are date, symbol, open, high, low, close, volume; "
                  "found: {}",
                  path.string(), wanted, did_you_mean(wanted, names), fmt::join(names, ", ")));
}

std::vector<std::string> fold(const std::vector<std::string>& names) {
  std::vector<std::string> folded;
  folded.reserve(names.size());
  for (const auto& name : names) folded.push_back(fold_column_name(name));
  return folded;
}

}  // namespace

std::string_view price_column_name(PriceColumn column) { return kKnownNames[column].front(); }

PriceLayout find_price_columns(const std::vector<std::string>& names, const std::filesystem::path& path) {
  const auto folded = fold(names);
  PriceLayout layout;
  layout.date = require(find_any(folded, kDateNames), "date", names, path);
  layout.symbol = require(find_any(folded, kSymbolNames), "symbol", names, path);
  std::vector<bool> used(names.size(), false);
  used[layout.date] = used[layout.symbol] = true;
  for (std::size_t column = 0; column < kPriceColumns; ++column) {
    layout.known[column] = find_any(folded, kKnownNames[column]);
    if (column <= kVolume) require(layout.known[column], kKnownNames[column].front(), names, path);
    if (layout.known[column]) used[*layout.known[column]] = true;
  }
  for (std::size_t i = 0; i < names.size(); ++i) {
    const bool is_about_the_row =
        std::find(kRowMoments.begin(), kRowMoments.end(), folded[i]) != kRowMoments.end();
    if (!used[i] && !is_about_the_row) layout.further.push_back(i);
  }
  return layout;
}

HistoryLayout find_history_columns(const std::vector<std::string>& names, const std::filesystem::path& path) {
  const auto folded = fold(names);
  HistoryLayout layout;
  layout.date = require(find_any(folded, kDateNames), "date", names, path);
  layout.symbol = find_any(folded, kSymbolNames);
  for (std::size_t column = 0; column < kPriceColumns; ++column) {
    layout.known[column] = find_any(folded, kKnownNames[column]);
    if (column <= kClose) require(layout.known[column], kKnownNames[column].front(), names, path);
  }
  layout.capital_gain = find_any(folded, kCapitalGainNames);
  return layout;
}

std::string field_name(std::string_view column) {
  std::string name;
  for (const char c : column) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name += letter ? c : '_';
  }
  return name;
}

}  // namespace orrery
