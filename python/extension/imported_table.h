#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "python/extension/arrow_c.h"

namespace orrery::python {

/// A struct of the C interface that is released when it goes.
template <class T>
class Released {
 public:
  Released() = default;
  explicit Released(const T& value) : value_(value) {}
  Released(Released&& other) noexcept : value_(other.value_) { other.value_.release = nullptr; }
  Released& operator=(Released&&) = delete;
  Released(const Released&) = delete;
  Released& operator=(const Released&) = delete;
  ~Released() {
    if (value_.release != nullptr) value_.release(&value_);
  }
  T* get() { return &value_; }
  const T& operator*() const { return value_; }
  const T* operator->() const { return &value_; }

 private:
  T value_{};
};

/// Somebody else's table, read where it lies: nothing is copied, and what was lent is given back at the end.
class ImportedTable {
 public:
  /// Reads a stream to its end; the stream's content is taken over. Errors: kInvalidArgument when its rows
  /// are no structs (a table's are); kUnavailable with the producer's own words when it fails.
  explicit ImportedTable(ArrowArrayStream& stream);

  std::size_t rows() const { return rows_; }
  std::vector<std::string> column_names() const;
  /// Whether a column holds numbers (whole, real or true/false).
  bool is_numeric(std::size_t column) const;

  /// Calls `take(row, value)` for every row of a numeric column; missing values are NaN.
  void for_each_number(std::size_t column, const std::function<void(std::size_t, double)>& take) const;

  /// Days since 1970-01-01 of a column of dates, of timestamps (the day in UTC), or of texts YYYY-MM-DD.
  /// Errors: kInvalidArgument for another type, a missing value or a text that is no date, with the row.
  std::vector<std::int32_t> days(std::size_t column) const;

  /// A column of texts, or of categories of texts: its distinct texts, and for each row which one it is.
  struct Texts {
    std::vector<std::string> distinct;  ///< in the order in which they appear
    std::vector<std::int32_t> codes;
  };
  /// Errors: kInvalidArgument for another type or a missing value, with the row.
  Texts texts(std::size_t column) const;

 private:
  const ArrowSchema& column_schema(std::size_t column) const { return *schema_->children[column]; }
  void check_rows_are_structs() const;

  Released<ArrowSchema> schema_;
  std::vector<Released<ArrowArray>> chunks_;
  std::size_t rows_ = 0;
};

}  // namespace orrery::python
