#include "orrery/data/moment_table.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <string_view>

#include "orrery/data/number_text.h"
#include "orrery/data/time_text.h"

namespace orrery {
namespace {

constexpr std::size_t kMillisecondDigits = 13;  // from 2001 to 2286

std::optional<Timestamp> milliseconds(std::string_view text) {
  std::int64_t count = 0;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
  const bool whole = failure == std::errc() && end == text.data() + text.size();
  if (!whole || text.size() != kMillisecondDigits) return std::nullopt;
  return Timestamp{count * kNanosecondsPerMillisecond};
}

std::optional<Timestamp> to_moment(std::string_view text) {
  if (const auto moment = milliseconds(text)) return moment;
  const auto told = read_time(text, "");
  if (!told) return std::nullopt;
  return Timestamp{start_of(told->day).nanoseconds + told->since_midnight};
}

}  // namespace

Timestamp moment_at(const TextTable& table, std::size_t row, std::size_t column) {
  if (const auto moment = to_moment(table.rows[row][column])) return *moment;
  throw cell_fault(table, row, column,
                   "a moment such as 2026-01-31T08:00:00Z or milliseconds since 1970 is expected");
}

double number_at(const TextTable& table, std::size_t row, std::size_t column) {
  double value = 0.0;
  if (parse_number(table.rows[row][column], value) == NumberText::kNumber) return value;
  throw cell_fault(table, row, column, "a number is expected");
}

MomentTable read_moment_table(const std::filesystem::path& path, const std::vector<std::string>& names) {
  MomentTable table{read_text_table(path, DateColumn::kMoments), {}};
  const std::size_t column = find_text_column(table.text, names);
  for (std::size_t row = 0; row < table.text.rows.size(); ++row) {
    table.moments.push_back(moment_at(table.text, row, column));
  }
  return table;
}

}  // namespace orrery
