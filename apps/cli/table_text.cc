#include "apps/cli/table_text.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <string>

#include "orrery/base/timestamp.h"
#include "orrery/data/number_text.h"

namespace orrery::cli {
namespace {

using Json = nlohmann::ordered_json;

Json cell(const std::vector<double>& values, std::size_t row, DeltaType) {
  return std::isfinite(values[row]) ? Json(values[row]) : Json();
}

Json cell(const std::vector<float>& values, std::size_t row, DeltaType) {
  return std::isfinite(values[row]) ? Json(values[row]) : Json();
}

Json cell(const std::vector<std::int64_t>& values, std::size_t row, DeltaType type) {
  if (values[row] == kMissingInteger) return nullptr;
  if (type == DeltaType::kTimestamp) return to_string(Timestamp{values[row]});
  if (type == DeltaType::kBoolean) return values[row] != 0;
  return values[row];
}

Json cell(const std::vector<Date>& values, std::size_t row, DeltaType) {
  return values[row] == kMissingDate ? Json() : Json(to_string(values[row]));
}

Json cell(const std::vector<std::string>& values, std::size_t row, DeltaType) { return values[row]; }

Json cell(const DictionaryStrings& values, std::size_t row, DeltaType) {
  const auto code = values.codes[row];
  return code < 0 ? Json() : Json(values.dictionary[static_cast<std::size_t>(code)]);
}

Json cell(const Column& column, std::size_t row, DeltaType type) {
  return std::visit([&](const auto& values) { return cell(values, row, type); }, column.values);
}

std::string cell_text(const Json& value) {
  if (value.is_null()) return "";
  if (value.is_string()) return value.get<std::string>();
  return value.is_number_float() ? number_text(value.get<double>()) : value.dump();
}

}  // namespace

TextTable rows_text(const Table& table, const DeltaSchema& schema, std::size_t rows) {
  TextTable text(1);
  for (const auto& column : table.columns) text.front().push_back(column.name);
  for (std::size_t row = 0; row < rows; ++row) {
    auto& line = text.emplace_back();
    for (const auto& column : table.columns) {
      line.push_back(cell_text(cell(column, row, schema.at(column.name).type)));
    }
  }
  return text;
}

std::string rows_json(const Table& table, const DeltaSchema& schema, std::size_t rows) {
  Json list = Json::array();
  for (std::size_t row = 0; row < rows; ++row) {
    auto& object = list.emplace_back(Json::object());
    for (const auto& column : table.columns) {
      object[column.name] = cell(column, row, schema.at(column.name).type);
    }
  }
  return list.dump(1);
}

}  // namespace orrery::cli
