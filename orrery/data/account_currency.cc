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
  if (!rates.knows(currency, market.account_currency)) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{} has no rate of {} in {}, neither turned round nor over a third currency",
                                 rates.path().string(), currency, market.account_currency));
  }
  std::vector<double> by_session;
  for (const Date day : market.dates) {
    by_session.push_back(rates.at(currency, market.account_currency, day).value_or(Panel::missing()));
  }
  return by_session;
}

void require_rates(const MarketData& market, std::size_t instrument, const std::vector<double>& rates,
                   const std::filesystem::path& path) {
  for (std::size_t row = 0; row < market.rows(); ++row) {
    const bool pays = !market.dividend.empty() && market.dividend(row, instrument) != 0.0;
    if (!std::isnan(rates[row]) || (market.present(row, instrument) == 0 && !pays)) continue;
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("{} has no rate of {} in {} on {} or in the {} days before it, when {} has a bar",
                    path.string(), market.currencies[instrument], market.account_currency,
                    to_string(market.dates[row]), ExchangeRates::kMostDays, market.symbols[instrument]));
  }
}

void multiply_column(Panel& panel, std::size_t instrument, const std::vector<double>& rates) {
  if (panel.empty()) return;
  for (std::size_t row = 0; row < panel.rows(); ++row) panel(row, instrument) *= rates[row];
}

void convert(MarketData& market, std::size_t instrument, const std::vector<double>& rates) {
  for (const std::string_view name : kMoneyFields) {
    for (auto* fields : {&market.raw, &market.fields}) {
      if (const auto field = fields->find(name); field != fields->end())
        multiply_column(field->second, instrument, rates);
    }
  }
  for (std::size_t row = 0; row < market.dividend.rows(); ++row) {
    double& dividend = market.dividend(row, instrument);
    if (dividend != 0.0) dividend *= rates[row];
  }
  for (FundingPayment& payment : market.funding) {
    if (payment.instrument == instrument) payment.mark *= rates[payment.row];
  }
  Panel& exchange = market.fields.find(kExchangeRateField)->second;
  for (std::size_t row = 0; row < market.rows(); ++row) exchange(row, instrument) = rates[row];
}

}  // namespace

CurrencyCounts to_account_currency(const CurrencySource& source, MarketData& market) {
  const CurrencyCounts counts = assign_currencies(source, market);
  if (!market.fields.emplace(kExchangeRateField, Panel(market.rows(), market.instruments(), 1.0)).second) {
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
    if (own == by_currency.end()) continue;
    require_rates(market, i, own->second, source.rates);
    convert(market, i, own->second);
  }
  return counts;
}

}  // namespace orrery
