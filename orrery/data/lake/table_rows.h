#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/data/table.h"

namespace orrery {

/// Whether a table has a column of this name.
bool has_column(const Table& table, std::string_view name);

/// Returns the named rows of a table in the order given.
Table take_rows(const Table& table, std::span<const std::uint32_t> rows);

/// Joins tables of equal columns, in order. Errors: kInternal when columns differ.
Table concatenate(std::vector<Table> tables);

/// Returns the rows in ascending order of some columns, equal ones in their order. Missing values come first;
/// texts compare by their bytes.
std::vector<std::uint32_t> sorted_rows(const Table& table, const std::vector<std::string>& columns);

/// Returns a table sorted by some columns; one that is sorted already comes back as it is.
Table sort_table(Table table, const std::vector<std::string>& columns);

/// Returns for each row whether the next one has equal values in these columns; false for the last row.
std::vector<bool> next_is_equal(const Table& table, const std::vector<std::string>& columns);

}  // namespace orrery
