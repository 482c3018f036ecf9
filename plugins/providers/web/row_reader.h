#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "orrery/base/timestamp.h"
#include "plugins/providers/web/service.h"

namespace orrery::plugins::providers::web {

/// Why a row can't be taken.
struct RowProblem {
  std::string reason;  ///< "field missing", "empty field", "not a number" …
  std::string column;
  std::string found;
};

/// Reads the fields of one row and remembers the first problem instead of throwing. A field is looked up by
/// name in an object, by place in an array.
class RowReader {
 public:
  explicit RowReader(const Json& row) : row_(row) {}

  /// A JSON number. NaN with a problem for anything else.
  double number(std::string_view column, std::size_t place = 0);
  /// As number(), but null or absent is NaN without a problem.
  double optional_number(std::string_view column, std::size_t place = 0);
  /// A text that holds a decimal number.
  double decimal(std::string_view column, std::size_t place = 0);
  /// A JSON number without a fraction.
  std::int64_t integer(std::string_view column, std::size_t place = 0);
  std::string text(std::string_view column, std::size_t place = 0);
  /// As text(), but null or absent is "".
  std::string optional_text(std::string_view column);
  /// A text that begins with a day, YYYY-MM-DD.
  Date day(std::string_view column, std::size_t place = 0);
  /// A text that is a moment, as parse_timestamp reads it; in nanoseconds.
  std::int64_t moment(std::string_view column);
  /// A text that is a moment, as parse_internet_date reads it; in nanoseconds.
  std::int64_t internet_moment(std::string_view column);

  const std::optional<RowProblem>& problem() const { return problem_; }

 private:
  std::int64_t moment_in(const std::string& text, std::string_view column,
                         const std::optional<Timestamp>& moment);
  const Json* find(std::string_view column, std::size_t place) const;
  const Json* require(std::string_view column, std::size_t place);
  void refuse(std::string reason, std::string_view column, const Json& found);

  const Json& row_;
  std::optional<RowProblem> problem_;
};

}  // namespace orrery::plugins::providers::web
