#include "orrery/data/table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

std::size_t count(const DictionaryStrings& values) { return values.codes.size(); }

template <class T>
std::size_t count(const std::vector<T>& values) {
  return values.size();
}

}  // namespace

std::size_t Column::size() const {
  return std::visit([](const auto& stored) { return count(stored); }, values);
}

const std::string& text_at(const Column& column, std::size_t row) {
  static const std::string kNone;
  if (const auto* texts = std::get_if<DictionaryStrings>(&column.values)) {
    const auto code = texts->codes[row];
    return code < 0 ? kNone : texts->dictionary[static_cast<std::size_t>(code)];
  }
  if (const auto* texts = std::get_if<std::vector<std::string>>(&column.values)) return (*texts)[row];
  throw external_error(ErrorCode::kDataCorrupt,
                       fmt::format("column '{}' holds something else than texts", column.name));
}

const Column& Table::column(std::string_view name) const {
  for (const auto& candidate : columns) {
    if (candidate.name == name) return candidate;
  }
  std::vector<std::string> names;
  for (const auto& candidate : columns) names.push_back(candidate.name);
  throw user_error(ErrorCode::kNotFound, fmt::format("the table has no column '{}'{}; it has: {}", name,
                                                     did_you_mean(name, names), fmt::join(names, ", ")));
}

Column& Table::column(std::string_view name) {
  return const_cast<Column&>(static_cast<const Table&>(*this).column(name));
}

}  // namespace orrery
