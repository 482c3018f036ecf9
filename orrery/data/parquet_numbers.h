#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace parquet {
class ParquetFileReader;
}

namespace orrery {

/// Numbers as a Parquet file stores them.
struct StoredNumbers {
  std::variant<std::vector<double>, std::vector<float>, std::vector<std::int64_t>, std::vector<std::int32_t>>
      values;
  std::vector<std::size_t>
      missing;  ///< rows that have no value, in no order; what stands there means nothing
};

/// Returns the leaf of a top-level column that is not nested and holds whole numbers or fractions of 4 or 8
/// bytes, whatever they mean; nothing for any other column.
std::optional<int> number_leaf(const parquet::ParquetFileReader& file, const std::string& name);

/// Reads columns of numbers, row groups in the order given: decoded straight into their final place, without
/// an Arrow array between. `leaves`: from number_leaf. `beside`: other work for the same threads, such as
/// columns of texts. Errors: those of the Parquet library, for a damaged file.
std::vector<StoredNumbers> read_numbers(parquet::ParquetFileReader& file, std::span<const int> groups,
                                        std::span<const int> leaves, int threads,
                                        std::span<const std::function<void()>> beside = {});

}  // namespace orrery
