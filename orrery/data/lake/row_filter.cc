#include "orrery/data/lake/row_filter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "orrery/base/error.h"

namespace orrery {
namespace {

/// Returns below zero, zero or above; numbers of both kinds compare with each other.
int compare(const FilterValue& a, const FilterValue& b) {
  const auto sign = [](const auto& x, const auto& y) { return x < y ? -1 : (y < x ? 1 : 0); };
  if (a.index() == b.index()) {
    return std::visit([&](const auto& x) { return sign(x, std::get<std::decay_t<decltype(x)>>(b)); }, a);
  }
  const auto number = [](const FilterValue& value) {
    const auto* whole = std::get_if<std::int64_t>(&value);
    return whole != nullptr ? static_cast<double>(*whole) : std::get<double>(value);
  };
  return sign(number(a), number(b));
}

bool meets(const RowFilter& filter, const FilterValue& value) {
  if (filter.at_least && compare(value, *filter.at_least) < 0) return false;
  if (filter.at_most && compare(value, *filter.at_most) > 0) return false;
  if (filter.below && compare(value, *filter.below) >= 0) return false;
  return filter.any_of.empty() || std::any_of(filter.any_of.begin(), filter.any_of.end(),
                                              [&](const auto& one) { return compare(value, one) == 0; });
}

bool is_missing(std::int64_t value) { return value == kMissingInteger; }
bool is_missing(Date value) { return value == kMissingDate; }
bool is_missing(double value) { return std::isnan(value); }
FilterValue filter_value(std::int64_t value) { return value; }
FilterValue filter_value(Date value) { return std::int64_t{value.days}; }
FilterValue filter_value(double value) { return value; }

/// Numbers: consecutive equal values, as sorted columns have them, are judged once.
template <class Value>
void keep_matching(const std::vector<Value>& values, const RowFilter& filter,
                   std::vector<std::uint32_t>& rows) {
  std::optional<Value> last;
  bool last_meets = false;
  std::erase_if(rows, [&](std::uint32_t row) {
    const Value value = values[row];
    if (!last || *last != value) {
      last = value;
      last_meets = !is_missing(value) && meets(filter, filter_value(value));
    }
    return !last_meets;
  });
}

void keep_matching(const DictionaryStrings& values, const RowFilter& filter,
                   std::vector<std::uint32_t>& rows) {
  std::vector<char> meets_code;
  for (const auto& text : values.dictionary) meets_code.push_back(meets(filter, text) ? 1 : 0);
  std::erase_if(rows, [&](std::uint32_t row) {
    const auto code = values.codes[row];
    return code < 0 || meets_code[static_cast<std::size_t>(code)] == 0;
  });
}

void keep_matching(const std::vector<std::string>& values, const RowFilter& filter,
                   std::vector<std::uint32_t>& rows) {
  std::erase_if(rows, [&](std::uint32_t row) { return !meets(filter, values[row]); });
}

/// A text for a day or a moment is read as such.
FilterValue fit_value(const FilterValue& value, const DeltaField& field) {
  const auto* text = std::get_if<std::string>(&value);
  if (field.type == DeltaType::kText) {
    if (text != nullptr) return value;
  } else if (text == nullptr) {
    return value;
  } else if (field.type == DeltaType::kDate) {
    if (const auto day = parse_date(*text)) return std::int64_t{day->days};
  } else if (field.type == DeltaType::kTimestamp) {
    if (const auto moment = parse_timestamp(*text)) return moment->nanoseconds;
  }
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("column '{}' holds values of the type {}; it can't be compared with {}", field.name,
                  to_string(field.type), text != nullptr ? "'" + *text + "'" : "a number"));
}

void fit(std::optional<FilterValue>& value, const DeltaField& field) {
  if (value) value = fit_value(*value, field);
}

}  // namespace

RowFilter one_of(std::string column, const std::vector<std::string>& texts) {
  RowFilter filter{std::move(column)};
  filter.any_of.assign(texts.begin(), texts.end());
  return filter;
}

RowFilter between(std::string column, Timestamp first, Timestamp last) {
  return {.column = std::move(column), .at_least = first.nanoseconds, .at_most = last.nanoseconds};
}

RowFilter between(std::string column, Date first, Date last) {
  return {
      .column = std::move(column), .at_least = std::int64_t{first.days}, .at_most = std::int64_t{last.days}};
}

bool may_match(const RowFilter& filter, const std::optional<ValueRange>& range) {
  if (!range) return true;
  if (filter.at_least && compare(range->largest, *filter.at_least) < 0) return false;
  if (filter.at_most && compare(range->smallest, *filter.at_most) > 0) return false;
  if (filter.below && compare(range->smallest, *filter.below) >= 0) return false;
  return filter.any_of.empty() ||
         std::any_of(filter.any_of.begin(), filter.any_of.end(), [&](const FilterValue& value) {
           return compare(value, range->smallest) >= 0 && compare(value, range->largest) <= 0;
         });
}

bool all_match(const RowFilter& filter, const std::optional<ValueRange>& range) {
  if (!range) return false;
  const bool is_one_value =
      std::holds_alternative<std::int64_t>(range->smallest) && compare(range->smallest, range->largest) == 0;
  if (!filter.any_of.empty() && !is_one_value) return false;
  return meets(filter, range->smallest) && meets(filter, range->largest);
}

RowFilter fit_filter(const RowFilter& filter, const DeltaField& field) {
  RowFilter result = filter;
  for (auto& value : result.any_of) value = fit_value(value, field);
  fit(result.at_least, field);
  fit(result.at_most, field);
  fit(result.below, field);
  return result;
}

std::vector<RowFilter> fit_filters(const std::vector<RowFilter>& filters, const DeltaSchema& schema) {
  std::vector<RowFilter> fitted;
  for (const auto& filter : filters) fitted.push_back(fit_filter(filter, schema.at(filter.column)));
  return fitted;
}

std::vector<std::uint32_t> other_rows_than(const std::vector<std::uint32_t>& rows, std::size_t count) {
  std::vector<std::uint32_t> others;
  auto next = rows.begin();
  for (std::uint32_t row = 0; row < count; ++row) {
    if (next != rows.end() && *next == row) {
      ++next;
    } else {
      others.push_back(row);
    }
  }
  return others;
}

std::vector<std::uint32_t> matching_rows(const Table& table, const std::vector<RowFilter>& filters) {
  std::vector<std::uint32_t> rows(table.rows());
  std::iota(rows.begin(), rows.end(), 0u);
  for (const auto& filter : filters) {
    std::visit([&](const auto& values) { keep_matching(values, filter, rows); },
               table.column(filter.column).values);
  }
  return rows;
}

}  // namespace orrery
