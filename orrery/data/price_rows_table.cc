#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/threads.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/number_text.h"
#include "orrery/data/price_rows.h"

namespace orrery {
namespace {

constexpr std::int64_t kDigitDatesEnd = 100'000'000;  // 20181231 as an integer lies below

Error wrong_type(const Column& column, std::string_view wanted, const std::filesystem::path& path) {
  return user_error(ErrorCode::kInvalidArgument,
                    fmt::format("{}: column '{}' must hold {}", path.string(), column.name, wanted));
}

/// Notes a row that has no usable date or symbol of its own.
void set_aside(PriceRows& rows, std::size_t row, QuarantineReason reason, std::string_view column,
               std::string_view found) {
  if (rows.symbol[row] == PriceRows::kUnusable) return;
  const auto symbol = static_cast<std::size_t>(rows.symbol[row]);
  rows.quarantine.add(
      {static_cast<std::int64_t>(row) + 1, reason, "", rows.symbols[symbol], column, printable(found)});
  rows.symbol[row] = PriceRows::kUnusable;
}

/// Returns the least of some values and `bound`; without a branch, so that rows that need no look one by one
/// cost little.
template <class Value>
Value least_of(const std::vector<Value>& values, Value bound) {
  for (const auto value : values) bound = value < bound ? value : bound;
  return bound;
}

template <class Value>
Value largest_of(const std::vector<Value>& values, Value bound) {
  for (const auto value : values) bound = bound < value ? value : bound;
  return bound;
}

void take_symbols(Column&& column, PriceRows& rows, const std::filesystem::path& path) {
  auto* strings = std::get_if<DictionaryStrings>(&column.values);
  if (strings == nullptr) throw wrong_type(column, "texts", path);
  rows.symbols = std::move(strings->dictionary);
  rows.symbol = std::move(strings->codes);
  std::vector<bool> clean;
  for (const auto& symbol : rows.symbols) clean.push_back(!symbol.empty() && is_clean_text(symbol));
  const bool all_clean = std::find(clean.begin(), clean.end(), false) == clean.end();
  if (all_clean && least_of(rows.symbol, 0) >= 0) return;
  for (std::size_t row = 0; row < rows.symbol.size(); ++row) {
    auto& code = rows.symbol[row];
    if (code >= 0 && clean[static_cast<std::size_t>(code)]) continue;
    const std::string_view found =
        code < 0 ? "" : std::string_view(rows.symbols[static_cast<std::size_t>(code)]);
    rows.quarantine.add({static_cast<std::int64_t>(row) + 1,
                         found.empty() ? QuarantineReason::kEmptyField : QuarantineReason::kUnreadableSymbol,
                         "", "", "symbol", printable(found)});
    code = PriceRows::kUnusable;
  }
}

void take_text_dates(const DictionaryStrings& strings, PriceRows& rows) {
  std::vector<std::optional<Date>> dates;
  for (const auto& text : strings.dictionary) dates.push_back(parse_price_date(text));
  for (std::size_t row = 0; row < strings.codes.size(); ++row) {
    const std::int32_t code = strings.codes[row];
    const auto* date = code < 0 ? nullptr : &dates[static_cast<std::size_t>(code)];
    if (date != nullptr && *date) {
      rows.date[row] = **date;
      continue;
    }
    const std::string_view found =
        code < 0 ? "" : std::string_view(strings.dictionary[static_cast<std::size_t>(code)]);
    set_aside(rows, row,
              trim(found).empty() ? QuarantineReason::kEmptyField : QuarantineReason::kUnreadableDate, "date",
              found);
  }
}

/// Reads an integer as YYYYMMDD or, when it is too large for that, as nanoseconds since 1970.
std::optional<Date> date_of(std::int64_t number) {
  if (number > 0 && number < kDigitDatesEnd) return parse_price_date(std::to_string(number));
  const std::int64_t days = number / kNanosecondsPerDay - (number % kNanosecondsPerDay < 0 ? 1 : 0);
  const Date date{static_cast<std::int32_t>(days)};
  return is_plausible(date) ? std::optional(date) : std::nullopt;
}

void take_integer_dates(const std::vector<std::int64_t>& numbers, PriceRows& rows) {
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    if (const auto date = date_of(numbers[row])) {
      rows.date[row] = *date;
    } else {
      set_aside(rows, row, QuarantineReason::kUnreadableDate, "date", std::to_string(numbers[row]));
    }
  }
}

void take_dates(Column&& column, PriceRows& rows, const std::filesystem::path& path) {
  if (auto* dates = std::get_if<std::vector<Date>>(&column.values)) {
    rows.date = std::move(*dates);
    const bool all_plausible = !rows.date.empty() && is_plausible(least_of(rows.date, rows.date.front())) &&
                               is_plausible(largest_of(rows.date, rows.date.front()));
    if (all_plausible) return;
    for (std::size_t row = 0; row < rows.date.size(); ++row) {
      if (!is_plausible(rows.date[row])) {
        set_aside(rows, row, QuarantineReason::kUnreadableDate, "date", std::to_string(rows.date[row].days));
      }
    }
    return;
  }
  rows.date.resize(column.size());
  if (const auto* strings = std::get_if<DictionaryStrings>(&column.values)) {
    take_text_dates(*strings, rows);
  } else if (const auto* numbers = std::get_if<std::vector<std::int64_t>>(&column.values)) {
    take_integer_dates(*numbers, rows);
  } else {
    throw wrong_type(column, "dates, texts or integers", path);
  }
}

/// Reads numbers that were stored as texts; a row with something else there goes to the quarantine.
std::vector<double> numbers_from_texts(const DictionaryStrings& strings, std::string_view name,
                                       PriceRows& rows) {
  std::vector<double> numbers(strings.dictionary.size());
  std::vector<NumberText> kinds;
  for (std::size_t i = 0; i < numbers.size(); ++i)
    kinds.push_back(parse_number(strings.dictionary[i], numbers[i]));
  std::vector<double> values(strings.codes.size(), kNaN);
  for (std::size_t row = 0; row < values.size(); ++row) {
    if (strings.codes[row] < 0) continue;
    const auto code = static_cast<std::size_t>(strings.codes[row]);
    values[row] = numbers[code];
    if (kinds[code] != NumberText::kNoNumber || rows.symbol[row] == PriceRows::kUnusable) continue;
    rows.set_aside(row, QuarantineReason::kNonNumeric, name, printable(strings.dictionary[code]));
  }
  return values;
}

/// Returns a numeric column as doubles, or nothing for other types.
std::optional<std::vector<double>> numbers_of(Column& column) {
  if (auto* doubles = std::get_if<std::vector<double>>(&column.values)) return std::move(*doubles);
  if (const auto* floats = std::get_if<std::vector<float>>(&column.values)) {
    return std::vector<double>(floats->begin(), floats->end());
  }
  if (const auto* integers = std::get_if<std::vector<std::int64_t>>(&column.values)) {
    return std::vector<double>(integers->begin(), integers->end());
  }
  return std::nullopt;
}

void take_known(Column&& column, PriceColumn meaning, PriceRows& rows, const std::filesystem::path& path) {
  if (auto numbers = numbers_of(column)) {
    rows.values[meaning] = std::move(*numbers);
  } else if (const auto* strings = std::get_if<DictionaryStrings>(&column.values)) {
    rows.values[meaning] = numbers_from_texts(*strings, price_column_name(meaning), rows);
  } else {
    throw wrong_type(column, "numbers", path);
  }
}

/// The index that pandas writes beside the data says nothing.
bool is_pandas_index(const std::string& name) { return name.rfind("__index_level_", 0) == 0; }

void take_further(Column&& column, PriceRows& rows) {
  auto numbers = is_pandas_index(column.name) ? std::nullopt : numbers_of(column);
  if (numbers) {
    rows.further.push_back({field_name(column.name), std::move(*numbers), 0});
  } else {
    rows.ignored_columns.push_back(column.name);
  }
}

}  // namespace

PriceRows price_rows_of(Table&& table, const std::filesystem::path& path) {
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  const auto layout = find_price_columns(names, path);
  PriceRows rows;
  take_symbols(std::move(table.columns[layout.symbol]), rows, path);
  take_dates(std::move(table.columns[layout.date]), rows, path);
  for (std::size_t column = 0; column < kPriceColumns; ++column) {
    if (!layout.known[column]) continue;
    take_known(std::move(table.columns[*layout.known[column]]), static_cast<PriceColumn>(column), rows, path);
  }
  for (const std::size_t column : layout.further) take_further(std::move(table.columns[column]), rows);
  return rows;
}

}  // namespace orrery
