#pragma once

#include <cstddef>
#include <string>

#include "apps/cli/terminal.h"
#include "orrery/data/lake/delta_schema.h"
#include "orrery/data/table.h"

namespace orrery::cli {

/// Lays the first rows of a lake's table out for a person: moments as such, missing values empty.
TextTable rows_text(const Table& table, const DeltaSchema& schema, std::size_t rows);

/// Returns them as JSON, a list of objects; missing values are null.
std::string rows_json(const Table& table, const DeltaSchema& schema, std::size_t rows);

}  // namespace orrery::cli
