#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "orrery/base/date.h"
#include "python/extension/arrow_c.h"

namespace orrery::python {

/// A finished table of factor values. Readers of the Arrow C interface get pointers into it, and each of them
/// keeps it alive.
struct FactorTable {
  std::vector<std::int32_t> days;           ///< since 1970-01-01
  std::vector<std::int32_t> symbol_codes;   ///< by row: position in `symbols`
  std::vector<std::string> names;           ///< of the factors
  std::vector<std::vector<float>> columns;  ///< by factor, by row; NaN where there is no value

  void set_symbols(const std::vector<std::string>& symbols);
  std::size_t rows() const { return days.size(); }

  std::vector<std::int32_t> symbol_offsets;
  std::string symbol_bytes;
};

/// Fills `out` with a stream of one batch: date (date32), symbol (dictionary of utf8), one float32 column a
/// factor. Nothing is copied.
void export_stream(std::shared_ptr<const FactorTable> table, ArrowArrayStream* out);

/// Fills `out` with the schema of that stream.
void export_schema(const FactorTable& table, ArrowSchema* out);

}  // namespace orrery::python
