#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "orrery/base/date.h"

namespace orrery {

/// Repeated texts, each stored once: row i holds dictionary[codes[i]]; code -1 is a missing value.
struct DictionaryStrings {
  std::vector<std::int32_t> codes;
  std::vector<std::string> dictionary;
};

using ColumnValues = std::variant<std::vector<double>, std::vector<float>, std::vector<std::int64_t>,
                                  std::vector<Date>, std::vector<std::string>, DictionaryStrings>;

/// A named column. Missing: NaN in floating columns, code -1 in dictionaries; other types have no missing
/// values.
struct Column {
  std::string name;
  ColumnValues values;

  std::size_t size() const;
};

/// Returns a row's text of a column of texts; "" where it is missing. Errors: kDataCorrupt for another type.
const std::string& text_at(const Column& column, std::size_t row);

/// Columns of equal length, without any Arrow type, so that every room can hand tables to the data room.
struct Table {
  std::vector<Column> columns;

  std::size_t rows() const { return columns.empty() ? 0 : columns.front().size(); }
  /// Errors: kNotFound, naming the columns there are.
  const Column& column(std::string_view name) const;
  Column& column(std::string_view name);
};

}  // namespace orrery
