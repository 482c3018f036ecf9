#include "orrery/app/python_classes.h"

#include <fmt/format.h>

#include <filesystem>
#include <nlohmann/json.hpp>
#include <variant>

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

Json to_json(const ConfigNode& node) {
  switch (node.kind) {
    case ConfigNode::Kind::kNull:
      return {};
    case ConfigNode::Kind::kScalar:
      return std::visit([](const auto& value) { return Json(value); }, scalar_value(node));
    case ConfigNode::Kind::kSequence: {
      Json list = Json::array();
      for (const auto& item : node.items) list.push_back(to_json(item));
      return list;
    }
    case ConfigNode::Kind::kMapping:
      break;
  }
  Json object = Json::object();
  for (const auto& [key, value] : node.entries) object[key] = to_json(value);
  return object;
}

/// The place with an absolute path, so that a saved model finds its class from any folder.
std::string read_place(ConfigReader& reader, std::string_view key) {
  const auto place = reader.path(key);
  const auto text = place.string();
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon + 1 == text.size()) {
    reader.problem(key, fmt::format("must be FILE.py:CLASS, found '{}'", text));
    return "";
  }
  const auto file = std::filesystem::absolute(text.substr(0, colon)).lexically_normal();
  if (!std::filesystem::is_regular_file(file)) {
    reader.problem(key, fmt::format("no such file: {}", file.string()));
  }
  return file.string() + text.substr(colon);
}

}  // namespace

ParameterMap read_python_class(ConfigReader& reader, std::string_view key) {
  ParameterMap parameters;
  parameters["class"] = read_place(reader, key);
  if (reader.has("interpreter")) parameters["interpreter"] = reader.text("interpreter", "");
  const ConfigNode* params = reader.node("params");
  if (params == nullptr) return parameters;
  if (params->kind == ConfigNode::Kind::kMapping) {
    parameters["params"] = to_json(*params).dump();
  } else {
    reader.problem("params",
                   fmt::format("must be a mapping of named arguments, found {}", describe(*params)));
  }
  return parameters;
}

}  // namespace orrery
