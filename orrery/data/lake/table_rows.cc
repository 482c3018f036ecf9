#include "orrery/data/lake/table_rows.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "orrery/base/error.h"

namespace orrery {
namespace {

DictionaryStrings take(const DictionaryStrings& values, std::span<const std::uint32_t> rows) {
  DictionaryStrings result;
  result.dictionary = values.dictionary;
  result.codes.reserve(rows.size());
  for (const auto row : rows) result.codes.push_back(values.codes[row]);
  return result;
}

template <class Value>
std::vector<Value> take(const std::vector<Value>& values, std::span<const std::uint32_t> rows) {
  std::vector<Value> result;
  result.reserve(rows.size());
  for (const auto row : rows) result.push_back(values[row]);
  return result;
}

template <class Value>
void append(std::vector<Value>& to, std::vector<Value>&& from) {
  if (to.empty()) {
    to = std::move(from);
  } else {
    to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
  }
}

/// Joins text columns: every text keeps one code over all of them.
class TextJoiner {
 public:
  void append(DictionaryStrings&& from) {
    std::vector<std::int32_t> common;
    for (auto& text : from.dictionary) {
      const auto [entry, is_new] =
          codes_.try_emplace(text, static_cast<std::int32_t>(joined_.dictionary.size()));
      if (is_new) joined_.dictionary.push_back(std::move(text));
      common.push_back(entry->second);
    }
    for (const auto code : from.codes) {
      joined_.codes.push_back(code < 0 ? -1 : common[static_cast<std::size_t>(code)]);
    }
  }
  DictionaryStrings finish() { return std::move(joined_); }

 private:
  DictionaryStrings joined_;
  std::unordered_map<std::string, std::int32_t> codes_;
};

ColumnValues join_column(std::vector<Table>& tables, std::size_t column) {
  if (std::holds_alternative<DictionaryStrings>(tables.front().columns[column].values)) {
    TextJoiner joiner;
    for (auto& table : tables)
      joiner.append(std::get<DictionaryStrings>(std::move(table.columns[column].values)));
    return joiner.finish();
  }
  ColumnValues joined = std::move(tables.front().columns[column].values);
  for (std::size_t i = 1; i < tables.size(); ++i) {
    std::visit(
        [&](auto& to) {
          using Values = std::decay_t<decltype(to)>;
          if constexpr (!std::is_same_v<Values, DictionaryStrings>) {
            append(to, std::get<Values>(std::move(tables[i].columns[column].values)));
          }
        },
        joined);
  }
  return joined;
}

/// An unsigned number that orders as the value does; missing values first.
std::uint64_t ordered(std::int64_t value) {
  return static_cast<std::uint64_t>(value) ^ (std::uint64_t{1} << 63);
}
std::uint64_t ordered(Date value) { return ordered(std::int64_t{value.days}); }
std::uint64_t ordered(double value) {
  if (std::isnan(value)) return 0;
  const auto bits = std::bit_cast<std::uint64_t>(value == 0.0 ? 0.0 : value);
  return (bits >> 63) != 0 ? ~bits : bits | (std::uint64_t{1} << 63);
}

template <class Value>
std::vector<std::uint64_t> ordered_values(const std::vector<Value>& values) {
  std::vector<std::uint64_t> result;
  result.reserve(values.size());
  for (const Value value : values) result.push_back(ordered(value));
  return result;
}

/// Returns each entry's place among all entries, from 1; equal texts share a place.
std::vector<std::uint64_t> text_ranks(const std::vector<std::string>& texts) {
  std::vector<std::size_t> order(texts.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return texts[a] < texts[b]; });
  std::vector<std::uint64_t> ranks(texts.size());
  std::uint64_t rank = 0;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (i == 0 || texts[order[i]] != texts[order[i - 1]]) ++rank;
    ranks[order[i]] = rank;
  }
  return ranks;
}

std::vector<std::uint64_t> ordered_values(const DictionaryStrings& values) {
  const auto ranks = text_ranks(values.dictionary);
  std::vector<std::uint64_t> result;
  result.reserve(values.codes.size());
  for (const auto code : values.codes) result.push_back(code < 0 ? 0 : ranks[static_cast<std::size_t>(code)]);
  return result;
}

std::vector<std::uint64_t> ordered_values(const std::vector<std::string>& values) {
  return text_ranks(values);
}

std::vector<std::vector<std::uint64_t>> sort_keys(const Table& table,
                                                  const std::vector<std::string>& columns) {
  std::vector<std::vector<std::uint64_t>> keys;
  for (const auto& name : columns) {
    keys.push_back(
        std::visit([](const auto& values) { return ordered_values(values); }, table.column(name).values));
  }
  return keys;
}

/// Drops the rows whose value differs from the next row's; missing values are equal.
template <class Value>
void drop_differing(const std::vector<Value>& values, std::vector<std::uint32_t>& rows) {
  std::erase_if(rows, [&values](std::uint32_t row) {
    if constexpr (std::is_same_v<Value, std::string>) {
      return values[row] != values[row + 1];
    } else {
      return ordered(values[row]) != ordered(values[row + 1]);
    }
  });
}

void drop_differing(const DictionaryStrings& values, std::vector<std::uint32_t>& rows) {
  const auto same_text = [&values](std::int32_t a, std::int32_t b) {
    return a == b ||
           (a >= 0 && b >= 0 &&
            values.dictionary[static_cast<std::size_t>(a)] == values.dictionary[static_cast<std::size_t>(b)]);
  };
  std::erase_if(rows,
                [&](std::uint32_t row) { return !same_text(values.codes[row], values.codes[row + 1]); });
}

}  // namespace

bool has_column(const Table& table, std::string_view name) {
  return std::any_of(table.columns.begin(), table.columns.end(),
                     [name](const Column& column) { return column.name == name; });
}

Table take_rows(const Table& table, std::span<const std::uint32_t> rows) {
  Table result;
  for (const auto& column : table.columns) {
    result.columns.push_back(
        {column.name,
         std::visit([&](const auto& values) { return ColumnValues(take(values, rows)); }, column.values)});
  }
  return result;
}

Table concatenate(std::vector<Table> tables) {
  if (tables.empty()) return {};
  if (tables.size() == 1) return std::move(tables.front());
  Table joined;
  for (std::size_t column = 0; column < tables.front().columns.size(); ++column) {
    for (const auto& table : tables) {
      const bool fits = table.columns.size() == tables.front().columns.size() &&
                        table.columns[column].values.index() == tables.front().columns[column].values.index();
      if (!fits) throw internal_error("tables with different columns can't be joined");
    }
    joined.columns.push_back({tables.front().columns[column].name, join_column(tables, column)});
  }
  return joined;
}

std::vector<std::uint32_t> sorted_rows(const Table& table, const std::vector<std::string>& columns) {
  const auto keys = sort_keys(table, columns);
  const auto before = [&keys](std::uint32_t a, std::uint32_t b) {
    for (const auto& key : keys) {
      if (key[a] != key[b]) return key[a] < key[b];
    }
    return false;
  };
  std::vector<std::uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), 0u);
  if (!std::is_sorted(rows.begin(), rows.end(), before)) std::stable_sort(rows.begin(), rows.end(), before);
  return rows;
}

Table sort_table(Table table, const std::vector<std::string>& columns) {
  const auto rows = sorted_rows(table, columns);
  if (std::is_sorted(rows.begin(), rows.end())) return table;
  return take_rows(table, rows);
}

/// The last column of a key differs most often, so that hardly a row is left for the others.
std::vector<bool> next_is_equal(const Table& table, const std::vector<std::string>& columns) {
  std::vector<std::uint32_t> candidates(table.rows() > 0 ? table.rows() - 1 : 0);
  std::iota(candidates.begin(), candidates.end(), 0u);
  for (auto name = columns.rbegin(); name != columns.rend(); ++name) {
    std::visit([&](const auto& values) { drop_differing(values, candidates); }, table.column(*name).values);
  }
  std::vector<bool> equal(table.rows(), false);
  for (const auto row : candidates) equal[row] = true;
  return equal;
}

}  // namespace orrery
