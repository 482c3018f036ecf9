#include "plugins/providers/simulated/tables.h"

#include <cmath>

namespace orrery::plugins::providers::simulated {
namespace {

std::vector<std::string> symbols_of(const std::vector<Instrument>& instruments) {
  std::vector<std::string> symbols;
  symbols.reserve(instruments.size());
  for (const Instrument& instrument : instruments) symbols.push_back(instrument.symbol);
  return symbols;
}

// Collects dates and symbols, the first two columns of most tables here.
struct KeyColumns {
  std::vector<Date> dates;
  DictionaryStrings symbols;

  void add(Date date, std::size_t instrument) {
    dates.push_back(date);
    symbols.codes.push_back(static_cast<std::int32_t>(instrument));
  }
};

std::vector<double> prices_of(const std::vector<PriceRow>& rows, double Bar::*member) {
  std::vector<double> values;
  values.reserve(rows.size());
  for (const PriceRow& row : rows) values.push_back(row.bar.*member);
  return values;
}

}  // namespace

Table price_table(const DeliveredRows& delivered, const std::vector<Instrument>& instruments,
                  const std::vector<Date>& sessions) {
  KeyColumns keys{{}, {{}, symbols_of(instruments)}};
  std::vector<std::int64_t> volume;
  for (const PriceRow& row : delivered.rows) {
    keys.add(sessions[row.bar.row], row.instrument);
    volume.push_back(row.bar.volume);
  }
  return {{{"date", std::move(keys.dates)},
           {"symbol", std::move(keys.symbols)},
           {"open", prices_of(delivered.rows, &Bar::open)},
           {"high", prices_of(delivered.rows, &Bar::high)},
           {"low", prices_of(delivered.rows, &Bar::low)},
           {"close", prices_of(delivered.rows, &Bar::close)},
           {"adj_close", prices_of(delivered.rows, &Bar::adjusted_close)},
           {"volume", std::move(volume)}}};
}

Table sector_table(const std::vector<Instrument>& instruments) {
  std::vector<std::string> sectors;
  sectors.reserve(instruments.size());
  for (const Instrument& instrument : instruments) sectors.emplace_back(kSectorNames[instrument.sector]);
  return {{{"symbol", symbols_of(instruments)}, {"sector", std::move(sectors)}}};
}

Table delisting_table(const std::vector<Instrument>& instruments, const std::vector<Date>& sessions) {
  std::vector<std::string> symbols;
  std::vector<std::string> reasons;
  std::vector<Date> dates;
  std::vector<double> returns;
  for (const Instrument& instrument : instruments) {
    if (!instrument.end) continue;
    symbols.push_back(instrument.symbol);
    dates.push_back(sessions[instrument.end->row]);
    returns.push_back(instrument.end->delisting_return);
    reasons.push_back(instrument.end->reason);
  }
  return {{{"symbol", std::move(symbols)},
           {"date", std::move(dates)},
           {"return", std::move(returns)},
           {"reason", std::move(reasons)}}};
}

Table action_table(const std::vector<BarSeries>& series, const std::vector<Instrument>& instruments,
                   const std::vector<Date>& sessions) {
  KeyColumns keys{{}, {{}, symbols_of(instruments)}};
  std::vector<double> ratios;
  std::vector<double> dividends;
  for (std::size_t i = 0; i < series.size(); ++i) {
    for (const CorporateAction& action : series[i].actions) {
      keys.add(sessions[action.row], i);
      ratios.push_back(action.split_ratio);
      dividends.push_back(action.dividend);
    }
  }
  return {{{"date", std::move(keys.dates)},
           {"symbol", std::move(keys.symbols)},
           {"split_ratio", std::move(ratios)},
           {"dividend", std::move(dividends)}}};
}

Table truth_table(const Paths& paths, const std::vector<Instrument>& instruments,
                  const std::vector<Date>& sessions) {
  KeyColumns keys{{}, {{}, symbols_of(instruments)}};
  std::vector<double> signal;
  for (std::size_t row = 0; row < sessions.size(); ++row) {
    for (std::size_t i = 0; i < instruments.size(); ++i) {
      if (std::isnan(paths.signal(row, i))) continue;
      keys.add(sessions[row], i);
      signal.push_back(paths.signal(row, i));
    }
  }
  return {
      {{"date", std::move(keys.dates)}, {"symbol", std::move(keys.symbols)}, {"signal", std::move(signal)}}};
}

}  // namespace orrery::plugins::providers::simulated
