#include "orrery/data/lake/shared_text.h"

#include <vector>

namespace orrery {

SharedTextMap::SharedTextMap(std::map<std::string, std::string> texts) {
  struct Own {
    std::map<std::string, std::string> texts;
    std::vector<value_type> entries;
  };
  const auto own = std::make_shared<Own>();
  own->texts = std::move(texts);
  own->entries.assign(own->texts.begin(), own->texts.end());
  entries_ = own->entries;
  owner_ = own;
}

SharedTextMap::SharedTextMap(std::initializer_list<value_type> entries)
    : SharedTextMap(std::map<std::string, std::string>(entries.begin(), entries.end())) {}

void SharedTextMap::set(std::string_view name, std::string_view text) {
  std::map<std::string, std::string> texts(begin(), end());
  texts.insert_or_assign(std::string(name), text);
  *this = SharedTextMap(std::move(texts));
}

std::optional<std::string_view> SharedTextMap::find(std::string_view name) const {
  const auto entry = std::ranges::find(entries_, name, &value_type::first);
  return entry == entries_.end() ? std::nullopt : std::optional(entry->second);
}

}  // namespace orrery
