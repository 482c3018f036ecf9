#include "orrery/data/lake/delta_schema.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <limits>
#include <nlohmann/json.hpp>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"

namespace orrery {
namespace {

using Json = nlohmann::ordered_json;

constexpr std::array<std::pair<DeltaType, std::string_view>, 10> kNames = {{
    {DeltaType::kText, "string"},
    {DeltaType::kLong, "long"},
    {DeltaType::kInteger, "integer"},
    {DeltaType::kShort, "short"},
    {DeltaType::kByte, "byte"},
    {DeltaType::kBoolean, "boolean"},
    {DeltaType::kDouble, "double"},
    {DeltaType::kFloat, "float"},
    {DeltaType::kDate, "date"},
    {DeltaType::kTimestamp, "timestamp"},
}};

Json field_json(const DeltaField& field) {
  if (!field.json.empty()) return Json::parse(field.json);
  return {{"name", field.name},
          {"type", to_string(field.type)},
          {"nullable", field.nullable},
          {"metadata", Json::object()}};
}

DeltaField parse_field(const Json& json) {
  const auto& type = json.at("type");
  return {json.at("name").get<std::string>(),
          type.is_string() ? parse_delta_type(type.get<std::string>()) : DeltaType::kOther,
          json.value("nullable", true), json.dump()};
}

DeltaType type_of(const ColumnValues& values) {
  constexpr std::array kTypes = {DeltaType::kDouble, DeltaType::kFloat, DeltaType::kLong,
                                 DeltaType::kDate,   DeltaType::kText,  DeltaType::kText};
  static_assert(std::variant_size_v<ColumnValues> == kTypes.size());
  return kTypes.at(values.index());
}

}  // namespace

std::string_view to_string(DeltaType type) {
  for (const auto& [candidate, name] : kNames) {
    if (candidate == type) return name;
  }
  return "other";
}

DeltaType parse_delta_type(std::string_view name) {
  for (const auto& [type, candidate] : kNames) {
    if (candidate == name) return type;
  }
  // A timestamp without a zone is read as UTC.
  return name == "timestamp_ntz" ? DeltaType::kTimestamp : DeltaType::kOther;
}

const DeltaField* DeltaSchema::find(std::string_view name) const {
  for (const auto& field : fields) {
    if (field.name == name) return &field;
  }
  return nullptr;
}

const DeltaField& DeltaSchema::at(std::string_view name) const {
  if (const auto* field = find(name)) return *field;
  std::vector<std::string> names;
  for (const auto& field : fields) names.push_back(field.name);
  throw user_error(ErrorCode::kNotFound, fmt::format("the table has no column '{}'{}; it has: {}", name,
                                                     did_you_mean(name, names), fmt::join(names, ", ")));
}

std::string to_json(const DeltaSchema& schema) {
  Json fields = Json::array();
  for (const auto& field : schema.fields) fields.push_back(field_json(field));
  return Json{{"type", "struct"}, {"fields", std::move(fields)}}.dump();
}

DeltaSchema parse_delta_schema(const std::string& json, const std::string& place) {
  try {
    DeltaSchema schema;
    const auto parsed = Json::parse(json);
    for (const auto& field : parsed.at("fields")) schema.fields.push_back(parse_field(field));
    return schema;
  } catch (const Json::exception& error) {
    throw external_error(ErrorCode::kDataCorrupt,
                         fmt::format("{}: the schema can't be read: {}", place, error.what()));
  }
}

DeltaSchema schema_of(const Table& table) {
  DeltaSchema schema;
  for (const auto& column : table.columns) {
    schema.fields.push_back({.name = column.name, .type = type_of(column.values)});
  }
  return schema;
}

ColumnValues empty_values(const DeltaField& field) { return missing_values(field, 0); }

ColumnValues missing_values(const DeltaField& field, std::size_t rows) {
  switch (field.type) {
    case DeltaType::kText:
      return DictionaryStrings{std::vector<std::int32_t>(rows, -1), {}};
    case DeltaType::kDouble:
      return std::vector<double>(rows, std::numeric_limits<double>::quiet_NaN());
    case DeltaType::kFloat:
      return std::vector<float>(rows, std::numeric_limits<float>::quiet_NaN());
    case DeltaType::kDate:
      return std::vector<Date>(rows, kMissingDate);
    case DeltaType::kOther:
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("column '{}' has a type that Orrery does not read: {}", field.name, field.json));
    default:
      return std::vector<std::int64_t>(rows, kMissingInteger);
  }
}

}  // namespace orrery
