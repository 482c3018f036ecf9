#include "apps/server/api/schema.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "orrery/base/date.h"

namespace orrery::server {
namespace schema {
namespace {

Json typed(std::string_view type, std::string_view description) {
  return {{"type", type}, {"description", description}};
}

}  // namespace

Json text(std::string_view description) { return text(description, 4096); }

Json text(std::string_view description, std::size_t longest) {
  Json made = typed("string", description);
  made["maxLength"] = longest;
  return made;
}

Json shaped(Json text, std::string_view pattern) {
  text["pattern"] = pattern;
  return text;
}

Json name(std::string_view description) { return text(description, 200); }

Json word(std::string_view description, const std::vector<std::string>& words) {
  Json made = typed("string", description);
  made["enum"] = words;
  return made;
}

Json date(std::string_view description) {
  Json made = typed("string", description);
  made["format"] = "date";
  return made;
}

Json moment(std::string_view description) {
  Json made = typed("string", description);
  made["format"] = "date-time";
  return made;
}

Json number(std::string_view description) { return typed("number", description); }

Json optional_number(std::string_view description) { return or_null(number(description)); }

Json whole(std::string_view description, std::int64_t minimum, std::int64_t maximum) {
  Json made = typed("integer", description);
  made["minimum"] = minimum;
  made["maximum"] = maximum;
  return made;
}

Json count(std::string_view description) {
  Json made = typed("integer", description);
  made["minimum"] = 0;
  return made;
}

Json flag(std::string_view description) { return typed("boolean", description); }

Json list(std::string_view description, Json items) {
  Json made = typed("array", description);
  made["items"] = std::move(items);
  return made;
}

Json object(std::string_view description, Json members, const std::vector<std::string>& optional) {
  Json made = typed("object", description);
  Json required = Json::array();
  for (const auto& [name, member] : members.items()) {
    if (std::find(optional.begin(), optional.end(), name) == optional.end()) required.push_back(name);
  }
  made["properties"] = std::move(members);
  made["required"] = std::move(required);
  made["additionalProperties"] = false;
  return made;
}

Json by_name(std::string_view description, Json value) {
  Json made = typed("object", description);
  made["additionalProperties"] = std::move(value);
  return made;
}

Json or_null(Json schema) {
  schema["type"] = Json::array({schema["type"], "null"});
  if (schema.contains("enum")) schema["enum"].push_back(nullptr);
  return schema;
}

Json with_default(Json schema, Json value) {
  schema["default"] = std::move(value);
  return schema;
}

}  // namespace schema

namespace {

/// In JSON Schema 2.0 is an integer; beyond 2^53 not every double is one that was meant.
bool is_whole(const Json& value) {
  if (value.is_number_integer()) return true;
  constexpr double kExact = 9007199254740992.0;
  if (!value.is_number_float()) return false;
  const double number = value.get<double>();
  return std::trunc(number) == number && std::abs(number) <= kExact;
}

bool is_of_type(std::string_view type, const Json& value) {
  if (type == "string") return value.is_string();
  if (type == "integer") return is_whole(value);
  if (type == "number") return value.is_number();
  if (type == "boolean") return value.is_boolean();
  if (type == "array") return value.is_array();
  if (type == "object") return value.is_object();
  return type == "null" && value.is_null();
}

bool is_of_types(const Json& types, const Json& value) {
  if (types.is_string()) return is_of_type(types.get<std::string>(), value);
  return std::any_of(types.begin(), types.end(),
                     [&](const Json& type) { return is_of_type(type.get<std::string>(), value); });
}

std::string types_text(const Json& types) {
  if (types.is_string()) return types.get<std::string>();
  std::string text;
  for (const Json& type : types) text += (text.empty() ? "" : " or ") + type.get<std::string>();
  return text;
}

/// A value as an error message shows it.
std::string shown(const Json& value) {
  std::string text = json_text(value);
  constexpr std::size_t kLongest = 80;
  if (text.size() > kLongest) text = text.substr(0, kLongest) + "…";
  return text;
}

/// JSON Schema counts characters; in UTF-8 every byte but the following ones of a character begins one.
std::size_t characters_of(const std::string& text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char byte) {
    return (static_cast<unsigned char>(byte) & 0xc0U) != 0x80U;
  }));
}

void check_text(const Json& schema, const std::string& text, const std::string& where,
                std::vector<FieldProblem>& problems) {
  const std::size_t characters = characters_of(text);
  if (schema.contains("maxLength") && characters > schema["maxLength"].get<std::size_t>()) {
    problems.push_back({where, fmt::format("has {} characters; at most {} are allowed", characters,
                                           schema["maxLength"].get<std::size_t>())});
  }
  if (schema.contains("minLength") && characters < schema["minLength"].get<std::size_t>()) {
    problems.push_back({where, "is empty"});
  }
  if (schema.value("format", "") == "date" && (text.size() != 10 || !parse_date(text))) {
    problems.push_back({where, fmt::format("{} is no day; such as 2024-01-31", shown(text))});
  }
}

void check_range(const Json& schema, const Json& value, const std::string& where,
                 std::vector<FieldProblem>& problems) {
  const double number = value.get<double>();
  if (schema.contains("minimum") && number < schema["minimum"].get<double>()) {
    problems.push_back({where, fmt::format("{} is less than {}", shown(value), shown(schema["minimum"]))});
  }
  if (schema.contains("maximum") && number > schema["maximum"].get<double>()) {
    problems.push_back({where, fmt::format("{} is more than {}", shown(value), shown(schema["maximum"]))});
  }
}

void check_members(const Json& schema, const Json& value, const std::string& where,
                   std::vector<FieldProblem>& problems) {
  const Json members = schema.value("properties", Json::object());
  const auto place = [&where](const std::string& name) { return fmt::format("{}/{}", where, name); };
  for (const Json& name : schema.value("required", Json::array())) {
    if (!value.contains(name.get<std::string>()))
      problems.push_back({place(name.get<std::string>()), "is missing"});
  }
  const Json& others = schema.contains("additionalProperties") ? schema["additionalProperties"] : Json();
  for (const auto& [name, member] : value.items()) {
    if (members.contains(name)) {
      check_value(members[name], member, place(name), problems);
    } else if (others.is_object()) {
      check_value(others, member, place(name), problems);
    } else if (others.is_boolean() && !others.get<bool>()) {
      problems.push_back({place(name), "is not known here"});
    }
  }
}

}  // namespace

void check_value(const Json& schema, const Json& value, const std::string& where,
                 std::vector<FieldProblem>& problems) {
  if (schema.contains("type") && !is_of_types(schema["type"], value)) {
    problems.push_back(
        {where, fmt::format("{} was found where {} is expected", shown(value), types_text(schema["type"]))});
    return;
  }
  if (schema.contains("enum") &&
      std::find(schema["enum"].begin(), schema["enum"].end(), value) == schema["enum"].end()) {
    problems.push_back({where, fmt::format("{} is none of {}", shown(value), schema["enum"].dump())});
    return;
  }
  if (value.is_string()) check_text(schema, value.get_ref<const std::string&>(), where, problems);
  if (value.is_number()) check_range(schema, value, where, problems);
  if (value.is_object()) check_members(schema, value, where, problems);
  if (!value.is_array()) return;
  if (schema.contains("maxItems") && value.size() > schema["maxItems"].get<std::size_t>()) {
    problems.push_back({where, fmt::format("has {} items; at most {} are allowed", value.size(),
                                           schema["maxItems"].get<std::size_t>())});
    return;
  }
  for (std::size_t i = 0; schema.contains("items") && i < value.size(); ++i) {
    check_value(schema["items"], value[i], fmt::format("{}/{}", where, i), problems);
  }
}

Json value_of_text(const Json& schema, const std::string& text, const std::string& where,
                   std::vector<FieldProblem>& problems) {
  const std::string type = types_text(schema.value("type", Json("string")));
  Json value = text;
  const char* end = text.data() + text.size();
  if (type == "integer") {
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end) value = number;
  } else if (type == "number") {
    double number = 0.0;
    const auto [stop, error] = std::from_chars(text.data(), end, number);
    if (error == std::errc() && stop == end && number == number) value = number;
  } else if (type == "boolean") {
    if (text == "true" || text == "false") value = text == "true";
  }
  check_value(schema, value, where, problems);
  return value;
}

}  // namespace orrery::server
