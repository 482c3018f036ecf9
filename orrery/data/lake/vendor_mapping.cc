#include "orrery/data/lake/vendor_mapping.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/base/spelling.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/known_time.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/lake.h"
#include "orrery/data/time_text.h"

namespace orrery {
namespace {

/// What a further column may hold, by the name that a mapping gives it.
const std::vector<std::pair<std::string, DeltaType>>& further_types() {
  static const std::vector<std::pair<std::string, DeltaType>> types = {
      {"text", DeltaType::kText}, {"number", DeltaType::kDouble},    {"whole", DeltaType::kLong},
      {"day", DeltaType::kDate},  {"moment", DeltaType::kTimestamp}, {"truth", DeltaType::kBoolean}};
  return types;
}

std::vector<std::string> type_names() {
  std::vector<std::string> names;
  for (const auto& [name, type] : further_types()) names.push_back(name);
  return names;
}

std::vector<std::string> list_of(ConfigReader& reader, std::string_view key) {
  std::vector<std::string> items;
  const auto* node = reader.node(key);
  if (node == nullptr) return items;
  if (node->kind == ConfigNode::Kind::kScalar) return {node->scalar};
  if (node->kind != ConfigNode::Kind::kSequence)
    reader.problem(key, fmt::format("must be a list of texts, found {}", describe(*node)));
  for (const auto& item : node->items) items.push_back(item.scalar);
  return items;
}

std::map<std::string, std::string> texts_of(ConfigReader& reader, std::string_view key) {
  std::map<std::string, std::string> texts;
  const auto* node = reader.node(key);
  if (node == nullptr) return texts;
  if (node->kind != ConfigNode::Kind::kMapping)
    reader.problem(key, fmt::format("must be a mapping of texts to texts, found {}", describe(*node)));
  for (const auto& [name, value] : node->entries) texts.emplace(name, value.scalar);
  return texts;
}

/// "15m", "3h", "2d", "30s" as nanoseconds.
std::optional<std::int64_t> parse_duration(std::string_view text) {
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end + 1 != text.data() + text.size() || number < 0 || number > 100'000)
    return std::nullopt;
  switch (*end) {
    case 's':
      return number * kNanosecondsPerSecond;
    case 'm':
      return number * 60 * kNanosecondsPerSecond;
    case 'h':
      return number * 3600 * kNanosecondsPerSecond;
    case 'd':
      return number * 86'400 * kNanosecondsPerSecond;
    default:
      return std::nullopt;
  }
}

std::int64_t duration(ConfigReader& reader, std::string_view key) {
  const auto text = reader.text(key, "0s");
  const auto found = parse_duration(text);
  if (!found) reader.problem(key, fmt::format("must be a time such as 30s, 15m, 3h or 1d, found '{}'", text));
  return found.value_or(0);
}

VendorValue plain_value(const ConfigNode& node) {
  VendorValue value;
  value.from = node.scalar;
  value.mark = node.mark;
  return value;
}

/// Reads the parts of a value that is a mapping.
VendorValue full_value(ConfigReader& reader, std::string_view column_key = "from") {
  VendorValue value;
  value.from = reader.text(column_key, "");
  value.mark = reader.mark(column_key);
  value.format = reader.text("format", "");
  if (const auto wrong = check_time_format(value.format); !wrong.empty()) reader.problem("format", wrong);
  return value;
}

VendorValue converted_value(ConfigReader& reader) {
  auto value = full_value(reader);
  value.constant = reader.text("value", "");
  value.scale = reader.number("scale", 1.0);
  value.before = reader.text("before", "");
  value.before_last = reader.text("before_last", "");
  value.capitals = reader.boolean("capitals", false);
  value.map = texts_of(reader, "map");
  if (reader.has("from") == reader.has("value"))
    reader.problem("from",
                   "a column needs one of: from (a column of the export), value (the same for all rows)");
  return value;
}

class MappingReader {
 public:
  explicit MappingReader(const std::filesystem::path& path)
      : root_(parse_config(read_file(path), path.string())) {
    mapping_.path = path;
  }

  VendorMapping read() {
    {
      ConfigReader reader(&root_, "", problems_);
      mapping_.source = reader.required_text("source");
      read_table(reader);
      read_file_form(reader.section("file"));
      read_zone(reader);
      read_columns(reader);
      read_items(reader);
      read_event(reader);
      read_known(reader);
    }
    problems_.throw_if_any();
    check_key();
    problems_.throw_if_any();
    return std::move(mapping_);
  }

 private:
  void read_table(ConfigReader& reader) {
    const auto name = reader.required_text("table");
    if (auto definition = standard_table(name)) {
      mapping_.definition = std::move(*definition);
    } else if (!name.empty()) {
      auto names = standard_table_names();
      reader.problem("table", fmt::format("no table '{}'{}; there are bars_… such as bars_1m, and {}", name,
                                          did_you_mean(name, names), fmt::join(names, ", ")));
    }
  }

  void read_file_form(ConfigReader reader) {
    auto& form = mapping_.form;
    const auto delimiter = reader.text("delimiter", ",");
    form.delimiter = delimiter == "tab" ? '\t' : delimiter.empty() ? ',' : delimiter.front();
    if (delimiter != "tab" && delimiter.size() != 1)
      reader.problem("delimiter", fmt::format("must be one character or 'tab', found '{}'", delimiter));
    form.is_latin1 = reader.text("encoding", "utf-8", {"utf-8", "latin-1"}) == "latin-1";
    form.skip_lines = reader.integer("skip_lines", 0, 0);
    form.after_line = reader.text("after_line", "");
    form.until_line = reader.text("until_line", "");
    form.comment = reader.text("comment", "");
    form.columns = list_of(reader, "columns");
    mapping_.missing = list_of(reader, "missing");
    mapping_.thousands = reader.text("thousands", "");
    const auto decimal = reader.text("decimal", ".");
    mapping_.decimal = decimal.empty() ? '.' : decimal.front();
    if (decimal.size() != 1 || mapping_.thousands == decimal)
      reader.problem("decimal",
                     fmt::format("must be one character that is not `thousands`, found '{}'", decimal));
  }

  void read_zone(ConfigReader& reader) {
    const auto name = reader.text("time_zone", "UTC");
    try {
      mapping_.zone = find_time_zone(name);
    } catch (const Error& error) {
      reader.problem("time_zone", error.what());
    }
  }

  void read_columns(ConfigReader& reader) {
    const auto* node = reader.node("columns");
    if (node == nullptr || node->kind != ConfigNode::Kind::kMapping || node->entries.empty())
      return reader.problem("columns",
                            "is required: a mapping of the table's columns to those of the export");
    for (const auto& [target, value] : node->entries) read_column(target, value);
  }

  void read_column(const std::string& target, const ConfigNode& node) {
    const auto path = "columns." + target;
    VendorColumn column;
    std::string type;
    if (node.kind == ConfigNode::Kind::kScalar) {
      column.value = plain_value(node);
    } else {
      ConfigReader reader(&node, path, problems_);
      column.value = converted_value(reader);
      type = reader.text("type", "", type_names());
    }
    column.value.mark = node.mark;
    const auto& schema = mapping_.definition.schema;
    if (target == kEventTime || target == kKnownTime || target == kRetrievedTime || target == kSource) {
      problems_.add(node.mark, path, "is not mapped here: see event, known and source of the mapping");
    } else if (const auto* field = schema.find(target)) {
      column.field = *field;
      mapping_.columns.push_back(std::move(column));
    } else if (type.empty()) {
      std::vector<std::string> names;
      for (const auto& known : schema.fields) names.push_back(known.name);
      problems_.add(
          node.mark, path,
          fmt::format("table {} has no such column{}; it has: {}. For a column of your own say its type: "
                      "{{from: …, type: number}}, one of {}",
                      mapping_.definition.name, did_you_mean(target, names), fmt::join(names, ", "),
                      fmt::join(type_names(), ", ")));
    } else {
      add_further(target, type, std::move(column));
    }
  }

  void add_further(const std::string& target, const std::string& type, VendorColumn column) {
    for (const auto& [name, known] : further_types()) {
      if (name == type) column.field = {.name = target, .type = known};
    }
    mapping_.definition.schema.fields.push_back(column.field);
    mapping_.columns.push_back(std::move(column));
  }

  void read_items(ConfigReader& reader) {
    const auto* node = reader.node("items");
    if (node == nullptr) return;
    const auto& schema = mapping_.definition.schema;
    if (schema.find("item") == nullptr || schema.find("value") == nullptr)
      return reader.problem("items",
                            fmt::format("table {} has no columns item and value", mapping_.definition.name));
    if (node->kind != ConfigNode::Kind::kMapping)
      return reader.problem("items", "must be a mapping of items to columns of the export");
    for (const auto& [item, value] : node->entries) {
      if (value.kind == ConfigNode::Kind::kScalar) {
        mapping_.items.push_back({item, "", plain_value(value)});
        continue;
      }
      ConfigReader of_item(&value, "items." + item, problems_);
      const auto unit = of_item.text("unit", "");
      mapping_.items.push_back({item, unit, converted_value(of_item)});
    }
  }

  void read_event(ConfigReader& reader) {
    using Kind = VendorEvent::Kind;
    if (reader.has("event")) return read_told_event(reader.section("event"));
    for (const auto& column : mapping_.columns) {
      if (column.field.name == "date") mapping_.event = {Kind::kEndOfDay, column.value, 0, 0};
    }
    if (mapping_.event.value.from.empty())
      reader.problem("event",
                     "is required where no column is mapped to date: {from: COLUMN} for a moment, {day: "
                     "COLUMN} for a day");
  }

  void read_told_event(ConfigReader reader) {
    using Kind = VendorEvent::Kind;
    auto& event = mapping_.event;
    const bool is_day = reader.has("day");
    if (is_day == reader.has("from"))
      return reader.problem("from",
                            "an event needs one of: from (a column with moments), day (a column with days)");
    event.value = full_value(reader, is_day ? "day" : "from");
    event.plus = duration(reader, "plus");
    event.kind = is_day ? Kind::kEndOfDay : Kind::kMoment;
    if (!is_day) return;
    const auto at = reader.text("at", "end");
    if (at == "session_close") event.kind = Kind::kSessionClose;
    if (at == "end" || at == "session_close") return;
    event.kind = Kind::kTimeOfDay;
    const auto clock = parse_timestamp("2000-01-01T" + at);
    if (!clock)
      return reader.problem(
          "at", fmt::format("must be end, session_close or a time such as 16:30, found '{}'", at));
    event.at = clock->nanoseconds - start_of(make_date(2000, 1, 1)).nanoseconds;
  }

  bool has_rule() const {
    try {
      return known_time_rule(mapping_.definition.name, mapping_.source, {}).told == TimeTold::kEvent;
    } catch (const Error&) {
      return false;
    }
  }

  void read_known(ConfigReader& reader) {
    using Kind = VendorKnown::Kind;
    const auto* node = reader.node("known");
    const bool is_rule =
        node == nullptr || (node->kind == ConfigNode::Kind::kScalar && node->scalar == "rule");
    if (is_rule) {
      if (!mapping_.definition.name.empty() && !has_rule())
        reader.problem(
            "known",
            fmt::format("is required for {}, since their event does not tell from when on they were known: "
                        "{{from: COLUMN}} with moments of publication, {{day: COLUMN}} with days of it, or "
                        "{{after: 15m}} behind the event",
                        mapping_.definition.name));
      return;
    }
    if (node->kind != ConfigNode::Kind::kMapping) {
      return reader.problem(
          "known", fmt::format("must be rule, {{from: COLUMN}}, {{day: COLUMN}} or {{after: 15m}}, found {}",
                               describe(*node)));
    }
    ConfigReader told(node, "known", problems_);
    if (told.has("from") + told.has("day") + told.has("after") != 1)
      told.problem("from",
                   "known needs exactly one of: from (a column with moments), day (a column with days), "
                   "after (a delay)");
    auto& known = mapping_.known;
    known.kind = told.has("from") ? Kind::kMoment : told.has("day") ? Kind::kDay : Kind::kDelay;
    if (known.kind == Kind::kDelay) {
      known.delay = duration(told, "after");
    } else {
      known.value = full_value(told, known.kind == Kind::kDay ? "day" : "from");
    }
  }

  /// Every part of a fact's key has to come from somewhere.
  void check_key() {
    for (const auto& name : mapping_.definition.key) {
      const bool is_made =
          name == kEventTime || (!mapping_.items.empty() && (name == "item" || name == "unit"));
      const auto& columns = mapping_.columns;
      const bool is_mapped = std::any_of(columns.begin(), columns.end(), [&](const VendorColumn& column) {
        return column.field.name == name;
      });
      if (is_made || is_mapped || may_lack(name) || name == "time_ns") continue;
      problems_.add(root_.mark, "columns",
                    fmt::format("nothing is mapped to '{}', which is part of the key of {}", name,
                                mapping_.definition.name));
    }
  }

  ConfigNode root_;
  ConfigProblems problems_;
  VendorMapping mapping_;
};

}  // namespace

bool may_lack(std::string_view key_part) {
  return key_part == "unit" || key_part == "period_start" || key_part == "sequence";
}

VendorMapping read_vendor_mapping(const std::filesystem::path& path) { return MappingReader(path).read(); }

}  // namespace orrery
