#include "orrery/data/append_table.h"

#include <fmt/format.h>

#include <unordered_map>

#include "orrery/base/error.h"

namespace orrery {
namespace {

void append(DictionaryStrings& target, const DictionaryStrings& rows) {
  std::unordered_map<std::string, std::int32_t> known;
  for (const auto& text : target.dictionary) known.emplace(text, static_cast<std::int32_t>(known.size()));
  std::vector<std::int32_t> codes;
  for (const auto& text : rows.dictionary) {
    const auto [found, is_new] = known.emplace(text, static_cast<std::int32_t>(known.size()));
    if (is_new) target.dictionary.push_back(text);
    codes.push_back(found->second);
  }
  for (const auto code : rows.codes) {
    target.codes.push_back(code < 0 ? -1 : codes[static_cast<std::size_t>(code)]);
  }
}

template <class T>
void append(std::vector<T>& target, const std::vector<T>& rows) {
  target.insert(target.end(), rows.begin(), rows.end());
}

}  // namespace

void append_rows(Table& target, const Table& rows) {
  if (target.columns.empty()) {
    target = rows;
    return;
  }
  bool same = target.columns.size() == rows.columns.size();
  for (std::size_t i = 0; same && i < rows.columns.size(); ++i) {
    same = target.columns[i].name == rows.columns[i].name &&
           target.columns[i].values.index() == rows.columns[i].values.index();
  }
  if (!same) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("tables of {} and {} columns don't fit together", target.columns.size(),
                                 rows.columns.size()));
  }
  for (std::size_t i = 0; i < rows.columns.size(); ++i) {
    std::visit(
        [&](auto& values) {
          append(values, std::get<std::decay_t<decltype(values)>>(rows.columns[i].values));
        },
        target.columns[i].values);
  }
}

}  // namespace orrery
