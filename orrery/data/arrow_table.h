#pragma once

#include <filesystem>
#include <memory>

#include "orrery/data/table.h"

namespace arrow {
class Table;
}

namespace orrery {

/// Returns a table as one of Arrow's, whose numbers lie where they did: `table` must outlive it. Date →
/// date32, texts → string, repeated ones as a dictionary (code -1: null). `path` names the target in errors.
/// Errors: kInvalidArgument for columns of unequal length, or with one name twice.
std::shared_ptr<arrow::Table> arrow_table(const Table& table, const std::filesystem::path& path);

}  // namespace orrery
