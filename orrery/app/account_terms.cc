#include "orrery/app/account_terms.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "orrery/base/config.h"
#include "orrery/base/error.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

/// Keys that decide nothing, with all that is under them: what is said of a run, and where data lie that grow
/// from day to day.
constexpr std::array kUndecisive = {"name",      "baselines",   "seeds",      "robustness",  "explain",
                                    "monitor",   "attribution", "capacity",   "trials",      "cash_rate",
                                    "data.path", "data.to",     "data.as_of", "data.renames"};

bool decides(std::string_view key) {
  return std::none_of(kUndecisive.begin(), kUndecisive.end(), [key](std::string_view other) {
    return key == other || (key.starts_with(other) && key[other.size()] == '.');
  });
}

/// Writes a value on one line.
std::string in_one_line(const ConfigNode& node) {
  std::vector<std::string> parts;
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      return "null";
    case ConfigNode::Kind::kScalar:
      return node.scalar;
    case ConfigNode::Kind::kSequence:
      for (const ConfigNode& item : node.items) parts.push_back(in_one_line(item));
      return fmt::format("[{}]", fmt::join(parts, ", "));
    case ConfigNode::Kind::kMapping:
      for (const auto& [key, value] : node.entries) {
        parts.push_back(fmt::format("{}: {}", key, in_one_line(value)));
      }
      return fmt::format("{{{}}}", fmt::join(parts, ", "));
  }
  return "";
}

void collect(const ConfigNode& node, const std::string& key, StudySettings& settings) {
  if (node.kind == ConfigNode::Kind::kMapping) {
    for (const auto& [name, value] : node.entries) {
      collect(value, key.empty() ? name : fmt::format("{}.{}", key, name), settings);
    }
    return;
  }
  // `model: ridge` is `model: {name: ridge}`.
  const std::string place = key == "model" ? "model.name" : key;
  if (decides(place)) settings[place] = in_one_line(node);
}

}  // namespace

StudySettings deciding_settings(const std::string& yaml) {
  StudySettings settings;
  collect(parse_config(yaml, "the study"), "", settings);
  return settings;
}

std::vector<std::string> changed_settings(const StudySettings& before, const StudySettings& now) {
  std::vector<std::string> changes;
  for (const auto& [key, value] : before) {
    const auto found = now.find(key);
    if (found == now.end()) {
      changes.push_back(fmt::format("{} was {} and is no longer there", key, value));
    } else if (found->second != value) {
      changes.push_back(fmt::format("{} was {} and is {}", key, value, found->second));
    }
  }
  for (const auto& [key, value] : now) {
    if (!before.contains(key)) changes.push_back(fmt::format("{} was not there and is {}", key, value));
  }
  return changes;
}

std::string to_json(const AccountTerms& terms) {
  return Json{{"study", terms.study}, {"person_confirms", terms.person_confirms}}.dump();
}

AccountTerms parse_account_terms(std::string_view json) {
  try {
    const Json read = Json::parse(json);
    return {read.at("study").get<StudySettings>(), read.at("person_confirms").get<bool>()};
  } catch (const Json::exception& error) {
    throw external_error(
        ErrorCode::kDataCorrupt,
        fmt::format("what the account remembers of its study can't be read: {}", error.what()));
  }
}

}  // namespace orrery
