#include "orrery/data/account_currency.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <string_view>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/data/csv.h"
#include "orrery/data/exchange_rates.h"
#include "orrery/data/instrument_facts.h"

namespace orrery {
namespace {

constexpr std::array<std::string_view, 6> kMoneyFields = {"open", "high", "low", "close", "vwap", "amount"};

std::map<std::string, std::string> currencies_of(const std::filesystem::path& file) {
  const TextTable table = read_text_table(file);
  const std::size_t symbol = find_text_column(table, {"symbol", "ticker"});
  const std::size_t currency = find_text_column(table, {"currency"});
  std::map<std::string, std::string> of;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    const auto& fields = table.rows[row];
    if (!is_currency(fields[currency]))
      throw cell_fault(table, row, currency, "a currency such as USD is expected");
    if (!of.emplace(fields[symbol], fields[currency]).second)
      throw cell_fault(table, row, symbol, "the symbol has a currency already");
  }
  return of;
}

/// Fills market.currencies and counts.
CurrencyCounts assign_currencies(const CurrencySource& source, MarketData& market) {
  const auto of = source.file.empty() ? source.of : currencies_of(source.file);
  CurrencyCounts counts;
  market.account_currency = source.account;
  market.currencies.assign(market.instruments(), source.account);
  const Identities names(market.renames);
  for (const auto& [symbol, currency] : of) {
    if (const auto instrument = find_ever(symbol, names, market)) {
      market.currencies[*instrument] = currency;
    } else {
      ++counts.unused;
    }
  }
  for (const std::string& currency : market.currencies) ++counts.instruments[currency];
  return counts;
}

/// The rates of one currency by session; NaN where there is none.
std::vector<double> rates_by_session(const ExchangeRates& rates, const std::string& currency,
                                     const MarketData& market) {
  const auto way = rates.way(currency, market.account_currency);
  if (!way) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} has no rate of {} in {}, neither turned round nor over a third currency",
                                 rates.path().string(), currency, market.account_currency));
  }
  std::vector<double> by_session;
  for (const Date day : market.dates) {
    by_session.push_back(way->at(day).value_or(Panel::missing()));
  }
  return by_session;
}

void require_rates(const MarketData& market, std::size_t instrument, const std::vector<double>& rates,
                   const std::filesystem::path& path) {
  for (std::size_t row = 0; row < market.rows(); ++row) {
    if (!std::isnan(rates[row])) continue;
    const bool pays = !market.dividend.empty() && market.dividend(row, instrument) != 0.0;
    if (market.present(row, instrument) == 0 && !pays) continue;
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("{} has no rate of {} in {} on {} or in the {} days before it, when {} has a bar",
                    path.string(), market.currencies[instrument], market.account_currency,
                    to_string(market.dates[row]), ExchangeRates::kMostDays, market.symbols[instrument]));
  }
}

/// Fills the rates of every session and instrument; 1 for what is in the account's currency.
void fill_rates(const MarketData& market, const std::map<std::string, std::vector<double>>& by_currency,
                Panel& exchange) {
  std::vector<std::pair<std::size_t, const std::vector<double>*>> foreign;
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    const auto own = by_currency.find(market.currencies[i]);
    if (own != by_currency.end()) foreign.emplace_back(i, &own->second);
  }
  for (std::size_t row = 0; row < exchange.rows(); ++row) {
    const auto rates = exchange.row(row);
    for (const auto& [instrument, of_session] : foreign) rates[instrument] = (*of_session)[row];
  }
}

void multiply(Panel& money, const Panel& exchange) {
  for (std::size_t row = 0; row < money.rows(); ++row) {
    const auto values = money.row(row);
    const auto rates = exchange.row(row);
    for (std::size_t i = 0; i < values.size(); ++i) values[i] *= rates[i];
  }
}

/// No dividend stays none where there is no rate.
void multiply_paid(Panel& dividends, const Panel& exchange) {
  for (std::size_t row = 0; row < dividends.rows(); ++row) {
    const auto values = dividends.row(row);
    const auto rates = exchange.row(row);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (values[i] != 0.0) values[i] *= rates[i];
    }
  }
}

void convert(MarketData& market, const Panel& exchange) {
  for (const std::string_view name : kMoneyFields) {
    for (auto* fields : {&market.raw, &market.fields}) {
      if (const auto field = fields->find(name); field != fields->end()) multiply(field->second, exchange);
    }
  }
  multiply_paid(market.dividend, exchange);
  for (FundingPayment& payment : market.funding) payment.mark *= exchange(payment.row, payment.instrument);
}

}  // namespace

CurrencyCounts to_account_currency(const CurrencySource& source, MarketData& market) {
  const CurrencyCounts counts = assign_currencies(source, market);
  const auto [exchange, is_new] =
      market.fields.emplace(kExchangeRateField, Panel(market.rows(), market.instruments(), 1.0));
  if (!is_new) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the data have a field ${} already, which is to hold the rates of {}; give the column "
                    "another name",
                    kExchangeRateField, source.rates.string()));
  }
  const ExchangeRates rates(source.rates, source.base);
  std::map<std::string, std::vector<double>> by_currency;
  for (const auto& [currency, count] : counts.instruments) {
    if (currency != source.account) by_currency[currency] = rates_by_session(rates, currency, market);
  }
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    const auto own = by_currency.find(market.currencies[i]);
    if (own != by_currency.end()) require_rates(market, i, own->second, source.rates);
  }
  fill_rates(market, by_currency, exchange->second);
  convert(market, exchange->second);
  return counts;
}

}  // namespace orrery
