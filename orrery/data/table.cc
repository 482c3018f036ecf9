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

const Column& Table::column(std::string_view name) const {
  std::vector<std::string> names;
  for (const auto& candidate : columns) {
    if (candidate.name == name) return candidate;
    names.push_back(candidate.name);
  }
  throw user_error(ErrorCode::kNotFound, fmt::format("the table has no column '{}'{}; it has: {}", name,
                                                     did_you_mean(name, names), fmt::join(names, ", ")));
}

}  // namespace orrery
