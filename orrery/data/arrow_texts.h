#pragma once

#include <optional>

#include "orrery/data/table.h"

namespace arrow {
class ChunkedArray;
}

namespace orrery {

/// Returns a column of texts, dictionary-coded or not, with every text once; nothing when they are no texts.
/// Errors: parquet::ParquetException for codes that lie outside their dictionary.
std::optional<DictionaryStrings> text_values(const arrow::ChunkedArray& column);

}  // namespace orrery
