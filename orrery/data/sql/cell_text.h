#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace arrow {
class Array;
class DataType;
}  // namespace arrow

namespace orrery {

/// Appends a value as a person reads it; nothing where it is missing. Moments as 2024-01-02T15:30:00Z
/// (without the Z where no time zone is known), numbers in the shortest text that reads back, lists and
/// structures as JSON.
void append_text(const arrow::Array& values, std::int64_t row, std::string& out);

/// Appends a value as JSON: numbers as numbers (null where JSON has none), all else that has no form of its
/// own there as text.
void append_json(const arrow::Array& values, std::int64_t row, std::string& out);

/// Appends a text in JSON's quotes.
void append_json_text(std::string_view text, std::string& out);

/// Returns a type's name in SQL, such as "varchar".
std::string type_name_of(const arrow::DataType& type);
/// Whether it stands right in a table.
bool is_number(const arrow::DataType& type);

}  // namespace orrery
