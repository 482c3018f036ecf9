#pragma once

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {

/// Named things of one kind: plug-ins by name, each an `Entry` (its description with its factory).
/// Filled once at start by the generated lists, read-only afterwards.
template <class Entry>
class NamedRegistry {
 public:
  /// `kind` names the things in error messages, such as "model".
  explicit NamedRegistry(std::string kind) : kind_(std::move(kind)) {}

  /// Errors: kAlreadyExists for a name that is taken.
  void add(const std::string& name, Entry entry) {
    if (!entries_.emplace(name, std::move(entry)).second) {
      throw Error(ErrorCode::kAlreadyExists, ErrorOrigin::kInternal,
                  fmt::format("two {}s are named '{}'", kind_, name));
    }
  }

  const Entry* find(std::string_view name) const {
    const auto found = entries_.find(name);
    return found == entries_.end() ? nullptr : &found->second;
  }

  /// Errors: kNotFound, naming what there is and the nearest spelling.
  const Entry& get(std::string_view name) const {
    if (const Entry* entry = find(name)) return *entry;
    throw user_error(ErrorCode::kNotFound,
                     fmt::format("no {} is named '{}'{}; there are: {}", kind_, name,
                                 did_you_mean(name, names()), fmt::join(names(), ", ")));
  }

  /// Returns all names, sorted.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& [name, entry] : entries_) result.push_back(name);
    return result;
  }

 private:
  std::string kind_;
  std::map<std::string, Entry, std::less<>> entries_;
};

}  // namespace orrery
