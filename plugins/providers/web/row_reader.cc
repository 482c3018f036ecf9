#include "plugins/providers/web/row_reader.h"

#include <cmath>
#include <limits>

#include "orrery/base/timestamp.h"
#include "orrery/data/number_text.h"
#include "orrery/data/quarantine.h"
#include "orrery/net/internet_date.h"

namespace orrery::plugins::providers::web {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

}  // namespace

const Json* RowReader::find(std::string_view column, std::size_t place) const {
  if (row_.is_array()) return place < row_.size() ? &row_[place] : nullptr;
  if (!row_.is_object()) return nullptr;
  const auto found = row_.find(column);
  return found == row_.end() ? nullptr : &*found;
}

void RowReader::refuse(std::string reason, std::string_view column, const Json& found) {
  if (problem_) return;
  problem_ = RowProblem{std::move(reason), std::string(column), printable(found.dump())};
}

const Json* RowReader::require(std::string_view column, std::size_t place) {
  const Json* found = find(column, place);
  if (found == nullptr) {
    refuse("field missing", column, row_);
  } else if (found->is_null()) {
    refuse("empty field", column, *found);
    return nullptr;
  }
  return found;
}

double RowReader::number(std::string_view column, std::size_t place) {
  const Json* found = require(column, place);
  if (found == nullptr) return kMissing;
  if (found->is_number()) return found->get<double>();
  refuse("not a number", column, *found);
  return kMissing;
}

double RowReader::optional_number(std::string_view column, std::size_t place) {
  const Json* found = find(column, place);
  return found == nullptr || found->is_null() ? kMissing : number(column, place);
}

double RowReader::decimal(std::string_view column, std::size_t place) {
  const Json* found = require(column, place);
  double value = kMissing;
  if (found == nullptr) return value;
  if (found->is_string() &&
      parse_number(found->get_ref<const std::string&>(), value) == NumberText::kNumber) {
    return value;
  }
  refuse("not a decimal number", column, *found);
  return kMissing;
}

std::int64_t RowReader::integer(std::string_view column, std::size_t place) {
  const Json* found = require(column, place);
  if (found == nullptr) return 0;
  if (found->is_number_integer()) return found->get<std::int64_t>();
  refuse("not a whole number", column, *found);
  return 0;
}

std::string RowReader::text(std::string_view column, std::size_t place) {
  const Json* found = require(column, place);
  if (found == nullptr) return "";
  if (found->is_string()) return found->get<std::string>();
  refuse("not a text", column, *found);
  return "";
}

std::string RowReader::optional_text(std::string_view column) {
  const Json* found = find(column, 0);
  return found == nullptr || found->is_null() ? "" : text(column);
}

Date RowReader::day(std::string_view column, std::size_t place) {
  const std::string found = text(column, place);
  const auto day = parse_date(found);
  if (!day) refuse("not a date", column, found);
  return day.value_or(Date{});
}

std::int64_t RowReader::moment(std::string_view column) {
  const std::string found = text(column);
  return moment_in(found, column, parse_timestamp(found));
}

std::int64_t RowReader::internet_moment(std::string_view column) {
  const std::string found = text(column);
  return moment_in(found, column, parse_internet_date(found));
}

std::int64_t RowReader::moment_in(const std::string& text, std::string_view column,
                                  const std::optional<Timestamp>& moment) {
  if (!moment) refuse("not a moment", column, text);
  return moment.value_or(Timestamp{}).nanoseconds;
}

}  // namespace orrery::plugins::providers::web
