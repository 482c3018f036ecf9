#include "orrery/data/hdf5_frames.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "orrery/base/error.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/column_name.h"
#include "orrery/data/pickle.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

constexpr std::int64_t kNotATime = std::numeric_limits<std::int64_t>::min();
constexpr const char* kPickledNone = "N.";

template <class Value>
Value missing_value() {
  if constexpr (std::is_same_v<Value, double>) return kNaN;
  if constexpr (std::is_same_v<Value, std::int64_t>) return kNotATime;
  return {};
}

using Whole = std::vector<std::int64_t>;
using Texts = std::vector<std::string>;

Error wrong_form(const Hdf5File& file, const std::string& group, const std::string& what) {
  return external_error(
      ErrorCode::kDataCorrupt,
      fmt::format("{} of {} is no data frame as pandas writes it: {}", group, file.path().string(), what));
}

/// "datetime64[ns]", or "datetime64" of older ones, as nanoseconds a unit.
std::optional<std::int64_t> nanoseconds_of(const std::string& kind) {
  if (!kind.starts_with("datetime64")) return std::nullopt;
  if (kind.find("[s") != std::string::npos) return 1'000'000'000;
  if (kind.find("[ms") != std::string::npos) return 1'000'000;
  if (kind.find("[us") != std::string::npos) return 1'000;
  return 1;
}

Whole scaled(const Whole& numbers, std::int64_t unit) {
  Whole moments = numbers;
  for (auto& moment : moments) {
    if (moment != kNotATime && __builtin_mul_overflow(moment, unit, &moment)) moment = kNotATime;
  }
  return moments;
}

/// A column of values that pandas says are of a kind.
Column column_of_kind(const std::string& name, Hdf5Array&& array, const std::string& kind,
                      const std::string& missing) {
  const auto unit = nanoseconds_of(kind);
  if (const auto* whole = std::get_if<Whole>(&array.values); unit && whole != nullptr)
    return moments_column(name, scaled(*whole, *unit));
  return column_of(name, std::move(array), missing);
}

/// Column `column` of an array of rows × columns, or of columns × rows.
Hdf5Array slice(const Hdf5Array& array, std::size_t column, std::size_t columns, bool rows_first) {
  const auto rows = columns == 0 ? 0 : array.size() / columns;
  Hdf5Array result{{rows}, {}};
  std::visit(
      [&](const auto& values) {
        std::decay_t<decltype(values)> taken;
        taken.reserve(rows);
        for (std::size_t row = 0; row < rows; ++row)
          taken.push_back(values[rows_first ? row * columns + column : column * rows + row]);
        result.values = std::move(taken);
      },
      array.values);
  return result;
}

/// A list of texts that pandas pickled into an attribute; nothing where it is not there.
std::optional<Texts> pickled_texts(const Hdf5File& file, const std::string& object, const std::string& name) {
  const auto bytes = file.text_attribute(object, name);
  if (!bytes) return std::nullopt;
  const auto list = read_pickle(*bytes);
  if (list->kind != Pickled::Kind::kList) return std::nullopt;
  return texts_of(*list);
}

Column coded_column(const std::string& name, const Whole& codes, const Texts& texts) {
  DictionaryStrings strings{{}, texts};
  for (const auto code : codes) {
    const bool is_there = code >= 0 && code < static_cast<std::int64_t>(texts.size());
    strings.codes.push_back(is_there ? static_cast<std::int32_t>(code) : -1);
  }
  return {name, std::move(strings)};
}

class AppendableFrame {
 public:
  AppendableFrame(const Hdf5File& file, const std::string& group)
      : file_(file),
        group_(group),
        table_(group + "/table"),
        missing_(file.text_attribute(group, "nan_rep").value_or("nan")) {}

  Table read() {
    const auto type = file_.text_attribute(group_, "table_type").value_or("");
    if (!type.starts_with("appendable_frame") && !type.starts_with("appendable_multiframe"))
      throw wrong_form(file_, group_, "its table_type is '" + type + "'");
    const bool has_levels = type.starts_with("appendable_multi");
    for (const auto& field : file_.fields(table_)) {
      if (field == "index") {
        if (!has_levels) add_index();
      } else {
        add_block(field);
      }
    }
    return std::move(result_);
  }

 private:
  std::string attribute(const std::string& name) const {
    return file_.text_attribute(table_, name).value_or("");
  }

  /// Rows that are only counted have no place among the columns.
  void add_index() {
    const auto kind = attribute("index_kind");
    auto name = index_name();
    if (name.empty() && !nanoseconds_of(kind)) return;
    if (name.empty()) name = "date";
    result_.columns.push_back(column_of_kind(name, file_.read_field(table_, "index"), kind, missing_));
  }

  std::string index_name() const {
    const auto bytes = file_.text_attribute(group_, "info");
    if (!bytes) return "";
    const auto info = read_pickle(*bytes);
    for (const auto& part : info->items) {
      const auto name = part->find("index_name");
      if (name && name->kind == Pickled::Kind::kText) return name->text;
    }
    return "";
  }

  void add_block(const std::string& field) {
    const auto names = pickled_texts(file_, table_, field + "_kind").value_or(Texts{field});
    auto array = file_.read_field(table_, field);
    if (attribute(field + "_meta") == "category") return add_category(field, names.front(), array);
    const auto width = array.shape.size() < 2 ? 1 : array.shape[1];
    if (names.size() != width) throw wrong_form(file_, group_, field + " has other columns than it says");
    const auto kind = attribute(field + "_dtype");
    for (std::size_t i = 0; i < width; ++i)
      result_.columns.push_back(column_of_kind(names[i], slice(array, i, width, true), kind, missing_));
  }

  void add_category(const std::string& field, const std::string& name, const Hdf5Array& codes) {
    const auto values = file_.read_field(fmt::format("{}/meta/{}/meta/table", group_, field), "values");
    const auto* texts = std::get_if<Texts>(&values.values);
    const auto* whole = std::get_if<Whole>(&codes.values);
    if (texts != nullptr && whole != nullptr) result_.columns.push_back(coded_column(name, *whole, *texts));
  }

  const Hdf5File& file_;
  std::string group_, table_;
  std::string missing_;
  Table result_;
};

/// Values out of a pickled array of objects, whose list is in the order of rows: texts where all are, numbers
/// where all are, else nothing.
std::optional<Hdf5Array> objects_of(const Pickled& array) {
  const Pickled* state = nullptr;
  for (const auto& item : array.items) {
    if (item->kind == Pickled::Kind::kList && item->items.size() == 5 &&
        item->items[4]->kind == Pickled::Kind::kList)
      state = item.get();
  }
  if (array.kind != Pickled::Kind::kObject || state == nullptr) return std::nullopt;
  const auto& items = state->items[4]->items;
  Texts texts;
  std::vector<double> numbers;
  for (const auto& item : items) {
    using Kind = Pickled::Kind;
    const bool is_missing =
        item->kind == Kind::kNone || (item->kind == Kind::kNumber && std::isnan(item->number));
    if (item->kind == Kind::kText || is_missing) texts.push_back(item->text);
    if (item->kind == Kind::kNumber || is_missing) numbers.push_back(is_missing ? kNaN : item->number);
    if (item->kind == Kind::kWhole) numbers.push_back(static_cast<double>(item->whole));
  }
  Hdf5Array result;
  for (const auto& extent : state->items[1]->items)
    result.shape.push_back(static_cast<std::size_t>(extent->whole));
  if (texts.size() == items.size()) {
    result.values = std::move(texts);
  } else if (numbers.size() == items.size()) {
    result.values = std::move(numbers);
  } else {
    return std::nullopt;
  }
  return result;
}

class FixedFrame {
 public:
  FixedFrame(const Hdf5File& file, const std::string& group) : file_(file), group_(group) {}

  Table read() {
    add_index();
    const auto blocks = file_.whole_attribute(group_, "nblocks");
    if (!blocks) throw wrong_form(file_, group_, "it does not say how many blocks it has");
    for (std::int64_t i = 0; i < *blocks; ++i) add_block(fmt::format("block{}", i));
    return std::move(result_);
  }

 private:
  std::string in_group(const std::string& name) const { return group_ + "/" + name; }

  std::string attribute(const std::string& object, const std::string& name) const {
    return file_.text_attribute(object, name).value_or("");
  }

  std::string name_of(const std::string& dataset) const {
    const auto name = attribute(dataset, "name");
    return name == kPickledNone ? "" : name;
  }

  /// Reads a dataset, pickled objects too; nothing for what is neither texts nor numbers.
  std::optional<Hdf5Array> values_of(const std::string& dataset) const {
    if (file_.text_attribute(dataset, "shape")) return Hdf5Array{{0}, std::vector<double>()};  // of no rows
    if (file_.is_readable(dataset)) return file_.read(dataset);
    const auto rows = file_.read_bytes(dataset);
    return rows.size() == 1 ? objects_of(*read_pickle(rows.front())) : std::nullopt;
  }

  void add_index() {
    if (attribute(group_, "axis1_variety") == "multi") return add_levels();
    const auto axis = in_group("axis1");
    const auto kind = attribute(axis, "kind");
    auto name = name_of(axis);
    if (name.empty() && !nanoseconds_of(kind)) return;
    if (name.empty()) name = "date";
    if (auto values = values_of(axis))
      result_.columns.push_back(column_of_kind(name, std::move(*values), kind, ""));
  }

  void add_levels() {
    const auto levels = file_.whole_attribute(group_, "axis1_nlevels").value_or(0);
    for (std::int64_t i = 0; i < levels; ++i) {
      const auto level = in_group(fmt::format("axis1_level{}", i));
      const auto labels = file_.read(in_group(fmt::format("axis1_label{}", i)));
      const auto kind = attribute(level, "kind");
      auto name = name_of(level);
      if (name.empty()) name = nanoseconds_of(kind) ? "date" : fmt::format("level_{}", i);
      auto values = values_of(level);
      const auto* codes = std::get_if<Whole>(&labels.values);
      if (!values || codes == nullptr)
        throw wrong_form(file_, group_, "level " + name + " of its index can't be read");
      result_.columns.push_back(column_of_kind(name, spread(*values, *codes), kind, ""));
    }
  }

  static Hdf5Array spread(const Hdf5Array& level, const Whole& codes) {
    Hdf5Array result{{codes.size()}, {}};
    std::visit(
        [&](const auto& values) {
          using Value = typename std::decay_t<decltype(values)>::value_type;
          std::vector<Value> taken;
          for (const auto code : codes) {
            const bool is_there = code >= 0 && code < static_cast<std::int64_t>(values.size());
            taken.push_back(is_there ? values[static_cast<std::size_t>(code)] : missing_value<Value>());
          }
          result.values = std::move(taken);
        },
        level.values);
    return result;
  }

  void add_block(const std::string& block) {
    const auto dataset = in_group(block + "_values");
    const auto items = values_of(in_group(block + "_items"));
    const auto* names = items ? std::get_if<Texts>(&items->values) : nullptr;
    if (names == nullptr) throw wrong_form(file_, group_, "its columns have no names that are texts");
    const auto values = values_of(dataset);
    if (!values || names->empty()) return;
    const bool rows_first = file_.whole_attribute(dataset, "transposed").value_or(0) != 0;
    const auto kind = attribute(dataset, "value_type");
    for (std::size_t i = 0; i < names->size(); ++i)
      result_.columns.push_back(
          column_of_kind((*names)[i], slice(*values, i, names->size(), rows_first), kind, ""));
  }

  const Hdf5File& file_;
  std::string group_;
  Table result_;
};

}  // namespace

Column moments_column(const std::string& name, const Whole& moments) {
  const bool has_missing = std::find(moments.begin(), moments.end(), kNotATime) != moments.end();
  if (fold_column_name(name) == "date") {
    std::vector<Date> days;
    TextCodes texts;
    for (const auto moment : moments) {
      if (!has_missing) days.push_back(day_of({moment}));
      if (has_missing) texts.append(moment == kNotATime ? -1 : texts.code(to_string(day_of({moment}))));
    }
    if (has_missing) return {name, texts.take()};
    return {name, std::move(days)};
  }
  if (!has_missing) return {name, moments};
  std::vector<double> numbers;
  for (const auto moment : moments)
    numbers.push_back(moment == kNotATime ? kNaN : static_cast<double>(moment));
  return {name, std::move(numbers)};
}

Column column_of(const std::string& name, Hdf5Array&& array, const std::string& missing) {
  if (auto* numbers = std::get_if<std::vector<double>>(&array.values)) return {name, std::move(*numbers)};
  if (auto* whole = std::get_if<Whole>(&array.values)) return {name, std::move(*whole)};
  TextCodes codes;
  for (const auto& text : std::get<Texts>(array.values))
    codes.append(text.empty() || text == missing ? -1 : codes.code(text));
  return {name, codes.take()};
}

Table read_appendable_frame(const Hdf5File& file, const std::string& group) {
  return AppendableFrame(file, group).read();
}

Table read_fixed_frame(const Hdf5File& file, const std::string& group) {
  return FixedFrame(file, group).read();
}

}  // namespace orrery
