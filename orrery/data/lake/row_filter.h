#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "orrery/base/date.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/lake/delta_schema.h"
#include "orrery/data/table.h"

namespace orrery {

/// A value that rows are compared with: whole numbers, days (since 1970) and moments (nanoseconds since 1970)
/// as int64, texts by their bytes.
using FilterValue = std::variant<std::int64_t, double, std::string>;

/// A condition on one column. A missing value never meets it.
struct RowFilter {
  std::string column;
  std::vector<FilterValue> any_of = {};  ///< empty: any value
  std::optional<FilterValue> at_least = {};
  std::optional<FilterValue> at_most = {};
  std::optional<FilterValue> below = {};  ///< at_most, but without the value itself
};

/// Makes a condition that a column has one of some texts.
RowFilter one_of(std::string column, const std::vector<std::string>& texts);
/// Makes a condition that a moment lies within [first, last].
RowFilter between(std::string column, Timestamp first, Timestamp last);
/// Makes a condition that a day lies within [first, last].
RowFilter between(std::string column, Date first, Date last);

/// The smallest and the largest value of some rows.
struct ValueRange {
  FilterValue smallest;
  FilterValue largest;
};

/// Whether rows in this range can meet the condition; true where nothing is known of the range.
bool may_match(const RowFilter& filter, const std::optional<ValueRange>& range);

/// Whether every value in this range meets the condition; false where nothing is known of the range. The
/// range may be wider than its values: ends of long texts are cut.
bool all_match(const RowFilter& filter, const std::optional<ValueRange>& range);

/// Turns the condition's values into the kind that the column's type has in memory.
/// Errors: kInvalidArgument for a value that the column can't have.
RowFilter fit_filter(const RowFilter& filter, const DeltaField& field);

/// Turns all of them. Errors: as fit_filter; kNotFound for a column that is not there.
std::vector<RowFilter> fit_filters(const std::vector<RowFilter>& filters, const DeltaSchema& schema);

/// Returns the rows that meet all conditions, ascending. The conditions must fit.
std::vector<std::uint32_t> matching_rows(const Table& table, const std::vector<RowFilter>& filters);

/// Returns the rows of a table with `count` rows that are not among `rows`, ascending; so must `rows` be.
std::vector<std::uint32_t> other_rows_than(const std::vector<std::uint32_t>& rows, std::size_t count);

}  // namespace orrery
