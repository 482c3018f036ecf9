#include "orrery/data/lake/column_statistics.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <vector>

#include "orrery/base/timestamp.h"

namespace orrery {
namespace {

using SortedJson = nlohmann::json;

/// Longer texts are no use for finding rows, and would fill the log.
constexpr std::size_t kLongestText = 64;

struct ColumnSummary {
  std::int64_t missing = 0;
  std::optional<ValueRange> range;
};

template <class Value>
std::optional<std::pair<Value, Value>> extremes(const std::vector<Value>& values, std::int64_t& missing,
                                                const auto& is_missing) {
  std::optional<std::pair<Value, Value>> found;
  for (const Value value : values) {
    if (is_missing(value)) {
      ++missing;
    } else if (!found) {
      found.emplace(value, value);
    } else {
      if (value < found->first) found->first = value;
      if (found->second < value) found->second = value;
    }
  }
  return found;
}

template <class Floating>
requires std::is_floating_point_v<Floating> ColumnSummary summarize(const std::vector<Floating>& values) {
  ColumnSummary summary;
  const auto found = extremes(values, summary.missing, [](Floating value) { return std::isnan(value); });
  if (found && std::isfinite(found->first) && std::isfinite(found->second)) {
    summary.range = {static_cast<double>(found->first), static_cast<double>(found->second)};
  }
  return summary;
}

ColumnSummary summarize(const std::vector<std::int64_t>& values) {
  ColumnSummary summary;
  const auto found =
      extremes(values, summary.missing, [](std::int64_t value) { return value == kMissingInteger; });
  if (found) summary.range = {found->first, found->second};
  return summary;
}

ColumnSummary summarize(const std::vector<Date>& values) {
  ColumnSummary summary;
  const auto found = extremes(values, summary.missing, [](Date value) { return value == kMissingDate; });
  if (found) summary.range = {std::int64_t{found->first.days}, std::int64_t{found->second.days}};
  return summary;
}

std::optional<ValueRange> text_range(std::vector<const std::string*> texts) {
  if (texts.empty()) return std::nullopt;
  const auto before = [](const std::string* a, const std::string* b) { return *a < *b; };
  const auto [smallest, largest] = std::minmax_element(texts.begin(), texts.end(), before);
  if ((*smallest)->size() > kLongestText || (*largest)->size() > kLongestText) return std::nullopt;
  return ValueRange{**smallest, **largest};
}

ColumnSummary summarize(const DictionaryStrings& values) {
  ColumnSummary summary;
  std::vector<char> used(values.dictionary.size(), 0);
  for (const auto code : values.codes) {
    if (code < 0) {
      ++summary.missing;
    } else {
      used[static_cast<std::size_t>(code)] = 1;
    }
  }
  std::vector<const std::string*> texts;
  for (std::size_t i = 0; i < used.size(); ++i) {
    if (used[i] != 0) texts.push_back(&values.dictionary[i]);
  }
  summary.range = text_range(std::move(texts));
  return summary;
}

ColumnSummary summarize(const std::vector<std::string>& values) {
  std::vector<const std::string*> texts;
  for (const auto& text : values) texts.push_back(&text);
  return {0, text_range(std::move(texts))};
}

/// Moments are written in milliseconds, as other engines expect: the smallest goes down, the largest up.
std::string moment_text(std::int64_t nanoseconds, bool up) {
  std::int64_t milliseconds = nanoseconds / kNanosecondsPerMillisecond;
  const std::int64_t rest = nanoseconds % kNanosecondsPerMillisecond;
  if (rest < 0) --milliseconds;
  if (up && rest != 0) ++milliseconds;
  const auto text = to_string(Timestamp{milliseconds * kNanosecondsPerMillisecond});
  const auto dot = text.find('.');
  return dot == std::string::npos ? text.substr(0, text.size() - 1) + ".000Z" : text.substr(0, dot + 4) + "Z";
}

SortedJson value_json(const FilterValue& value, DeltaType type, bool up) {
  if (const auto* text = std::get_if<std::string>(&value)) return *text;
  if (const auto* number = std::get_if<double>(&value)) return *number;
  const auto whole = std::get<std::int64_t>(value);
  if (type == DeltaType::kDate) return to_string(Date{static_cast<std::int32_t>(whole)});
  if (type == DeltaType::kTimestamp) return moment_text(whole, up);
  return whole;
}

/// Other engines cut the largest moment off at milliseconds, so the value itself may lie later.
std::optional<FilterValue> parse_value(const SortedJson& json, DeltaType type, bool up) {
  switch (type) {
    case DeltaType::kText:
      return json.is_string() ? std::optional<FilterValue>(json.get<std::string>()) : std::nullopt;
    case DeltaType::kDouble:
    case DeltaType::kFloat:
      return json.is_number() ? std::optional<FilterValue>(json.get<double>()) : std::nullopt;
    case DeltaType::kDate: {
      const auto day = json.is_string() ? parse_date(json.get<std::string>()) : std::nullopt;
      return day ? std::optional<FilterValue>(std::int64_t{day->days}) : std::nullopt;
    }
    case DeltaType::kTimestamp: {
      const auto moment = json.is_string() ? parse_timestamp(json.get<std::string>()) : std::nullopt;
      if (!moment) return std::nullopt;
      return moment->nanoseconds + (up ? kNanosecondsPerMillisecond - 1 : 0);
    }
    case DeltaType::kOther:
    case DeltaType::kBoolean:
      return std::nullopt;
    default:
      return json.is_number_integer() ? std::optional<FilterValue>(json.get<std::int64_t>()) : std::nullopt;
  }
}

const SortedJson* member(const SortedJson& json, const char* group, const std::string& column) {
  const auto found = json.find(group);
  if (found == json.end() || !found->is_object()) return nullptr;
  const auto value = found->find(column);
  return value == found->end() || value->is_null() ? nullptr : &*value;
}

}  // namespace

std::string statistics_json(const Table& table, const DeltaSchema& schema) {
  SortedJson json = {{"numRecords", table.rows()}};
  json["minValues"] = json["maxValues"] = json["nullCount"] = SortedJson::object();
  for (const auto& column : table.columns) {
    const auto summary = std::visit([](const auto& values) { return summarize(values); }, column.values);
    const auto type = schema.at(column.name).type;
    json["nullCount"][column.name] = summary.missing;
    if (!summary.range || type == DeltaType::kBoolean) continue;
    json["minValues"][column.name] = value_json(summary.range->smallest, type, false);
    json["maxValues"][column.name] = value_json(summary.range->largest, type, true);
  }
  return json.dump(-1, ' ', false, SortedJson::error_handler_t::replace);
}

FileStatistics parse_statistics(std::string_view text, const DeltaSchema& schema) {
  FileStatistics statistics;
  const auto json = SortedJson::parse(text, nullptr, false);
  if (!json.is_object()) return statistics;
  if (const auto rows = json.find("numRecords"); rows != json.end() && rows->is_number_integer()) {
    statistics.rows = rows->get<std::int64_t>();
  }
  for (const auto& field : schema.fields) {
    if (const auto* nulls = member(json, "nullCount", field.name);
        nulls != nullptr && nulls->is_number_integer()) {
      statistics.null_counts[field.name] = nulls->get<std::int64_t>();
    }
    const auto* smallest = member(json, "minValues", field.name);
    const auto* largest = member(json, "maxValues", field.name);
    if (smallest == nullptr || largest == nullptr) continue;
    const auto low = parse_value(*smallest, field.type, false);
    const auto high = parse_value(*largest, field.type, true);
    if (low && high) statistics.ranges[field.name] = {*low, *high};
  }
  return statistics;
}

}  // namespace orrery
