#include "orrery/app/scores_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <unordered_map>

#include "orrery/base/error.h"
#include "orrery/data/parquet.h"

namespace orrery {
namespace {

struct CellColumns {
  std::vector<Date> dates;
  DictionaryStrings symbols;
};

CellColumns collect_cells(const MarketData& market, RowRange rows,
                          const std::function<bool(std::size_t, std::size_t)>& wanted) {
  CellColumns cells;
  cells.symbols.dictionary = market.symbols;
  for (std::size_t row = rows.begin; row < rows.end; ++row) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      if (!wanted(row, i)) continue;
      cells.dates.push_back(market.dates[row]);
      cells.symbols.codes.push_back(static_cast<std::int32_t>(i));
    }
  }
  return cells;
}

/// Reads any numeric column as doubles.
std::vector<double> numbers_of(const Column& column, const std::string& source) {
  if (const auto* doubles = std::get_if<std::vector<double>>(&column.values)) return *doubles;
  if (const auto* floats = std::get_if<std::vector<float>>(&column.values))
    return {floats->begin(), floats->end()};
  if (const auto* whole = std::get_if<std::vector<std::int64_t>>(&column.values))
    return {whole->begin(), whole->end()};
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("{}: column '{}' is not numeric", source, column.name));
}

bool is_numeric(const Column& column) {
  return std::holds_alternative<std::vector<double>>(column.values) ||
         std::holds_alternative<std::vector<float>>(column.values) ||
         std::holds_alternative<std::vector<std::int64_t>>(column.values);
}

/// Row and instrument of each table row; npos where the axes don't have it.
class CellIndex {
 public:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  CellIndex(const Table& table, const MarketData& market, const std::string& source) {
    const auto* dates = std::get_if<std::vector<Date>>(&table.column("date").values);
    if (dates == nullptr) {
      throw user_error(ErrorCode::kInvalidArgument, fmt::format("{}: column 'date' holds no dates", source));
    }
    rows_ = find_rows(*dates, market);
    instruments_ = find_instruments(table.column("symbol"), market, source);
  }
  std::size_t row(std::size_t i) const { return rows_[i]; }
  std::size_t instrument(std::size_t i) const { return instruments_[i]; }
  std::size_t size() const { return rows_.size(); }

 private:
  static std::vector<std::size_t> find_rows(const std::vector<Date>& dates, const MarketData& market) {
    std::vector<std::size_t> rows;
    rows.reserve(dates.size());
    for (const Date date : dates) {
      const auto row = market.lower_row(date);
      rows.push_back(row < market.rows() && market.dates[row] == date ? row : kNone);
    }
    return rows;
  }
  static std::vector<std::size_t> find_instruments(const Column& column, const MarketData& market,
                                                   const std::string& source) {
    std::vector<std::size_t> result;
    if (const auto* coded = std::get_if<DictionaryStrings>(&column.values)) {
      std::vector<std::size_t> by_code;
      for (const auto& symbol : coded->dictionary)
        by_code.push_back(market.find_symbol(symbol).value_or(kNone));
      for (const auto code : coded->codes)
        result.push_back(code < 0 ? kNone : by_code[static_cast<std::size_t>(code)]);
    } else if (const auto* texts = std::get_if<std::vector<std::string>>(&column.values)) {
      for (const auto& symbol : *texts) result.push_back(market.find_symbol(symbol).value_or(kNone));
    } else {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}: column 'symbol' holds no texts", source));
    }
    return result;
  }

  std::vector<std::size_t> rows_;
  std::vector<std::size_t> instruments_;
};

Panel place(const CellIndex& index, const std::vector<double>& values, const MarketData& market,
            const std::string& source, PlacedRows& counts) {
  Panel panel(market.rows(), market.instruments());
  MaskPanel taken(market.rows(), market.instruments(), 0);
  for (std::size_t i = 0; i < index.size(); ++i) {
    if (index.row(i) == CellIndex::kNone) {
      ++counts.unknown_dates;
    } else if (index.instrument(i) == CellIndex::kNone) {
      ++counts.unknown_symbols;
    } else {
      auto& mark = taken(index.row(i), index.instrument(i));
      if (mark != 0) {
        throw user_error(
            ErrorCode::kInvalidArgument,
            fmt::format("{}: two rows for {} on {} (the second is row {})", source,
                        market.symbols[index.instrument(i)], to_string(market.dates[index.row(i)]), i + 1));
      }
      mark = 1;
      panel(index.row(i), index.instrument(i)) = values[i];
      ++counts.placed;
    }
  }
  return panel;
}

FloatPanel to_float(const Panel& panel) {
  FloatPanel result(panel.rows(), panel.columns());
  for (std::size_t row = 0; row < panel.rows(); ++row) {
    for (std::size_t i = 0; i < panel.columns(); ++i) result(row, i) = static_cast<float>(panel(row, i));
  }
  return result;
}

}  // namespace

Table long_table(const MarketData& market, const std::vector<NamedPanel>& columns) {
  const Panel& first = *columns.front().panel;
  auto cells = collect_cells(market, {0, market.rows()},
                             [&](std::size_t row, std::size_t i) { return !std::isnan(first(row, i)); });
  std::vector<std::vector<double>> values(columns.size());
  for (std::size_t c = 0; c < columns.size(); ++c) {
    values[c].reserve(cells.dates.size());
    for (std::size_t row = 0; row < market.rows(); ++row) {
      for (std::size_t i = 0; i < market.instruments(); ++i) {
        if (!std::isnan(first(row, i))) values[c].push_back((*columns[c].panel)(row, i));
      }
    }
  }
  Table table;
  table.columns.push_back({"date", std::move(cells.dates)});
  table.columns.push_back({"symbol", std::move(cells.symbols)});
  for (std::size_t c = 0; c < columns.size(); ++c)
    table.columns.push_back({columns[c].name, std::move(values[c])});
  return table;
}

Table factor_table(const MarketData& market, RowRange sessions, const FactorFrame& factors) {
  const auto listed = [&](std::size_t row, std::size_t i) {
    return static_cast<int>(row) >= market.first_row[i] && static_cast<int>(row) <= market.last_row[i];
  };
  CellColumns cells = collect_cells(market, sessions, listed);
  std::vector<std::size_t> places;  // in a panel's memory
  const std::size_t stride = factors.panels.empty() ? 0 : factors.panels.front().stride();
  for (std::size_t row = sessions.begin; row < sessions.end; ++row) {
    for (std::size_t i = 0; i < market.instruments(); ++i) {
      if (listed(row, i)) places.push_back((row - sessions.begin) * stride + i);
    }
  }
  Table table;
  table.columns.push_back({"date", std::move(cells.dates)});
  table.columns.push_back({"symbol", std::move(cells.symbols)});
  for (std::size_t f = 0; f < factors.panels.size(); ++f) {
    const float* from = factors.panels[f].row_data(0);
    std::vector<float> values;
    values.reserve(places.size());
    for (const std::size_t place : places) values.push_back(from[place]);
    table.columns.push_back({factors.names[f], std::move(values)});
  }
  return table;
}

Panel place_column(const Table& table, const std::string& column, const MarketData& market,
                   const std::string& source, PlacedRows* rows) {
  PlacedRows counts;
  Panel panel = place(CellIndex(table, market, source), numbers_of(table.column(column), source), market,
                      source, counts);
  if (rows != nullptr) *rows = counts;
  return panel;
}

void append_factor_file(const std::filesystem::path& path, const MarketData& market, FactorFrame& factors) {
  const Table table = read_parquet(path);
  const CellIndex index(table, market, path.string());
  for (const auto& column : table.columns) {
    if (column.name == "date" || column.name == "symbol" || !is_numeric(column)) continue;
    if (std::find(factors.names.begin(), factors.names.end(), column.name) != factors.names.end()) {
      throw user_error(ErrorCode::kAlreadyExists,
                       fmt::format("{}: a factor named '{}' is there already", path.string(), column.name));
    }
    PlacedRows counts;
    factors.panels.push_back(
        to_float(place(index, numbers_of(column, path.string()), market, path.string(), counts)));
    factors.names.push_back(column.name);
  }
}

}  // namespace orrery
