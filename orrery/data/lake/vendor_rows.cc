#include "orrery/data/lake/vendor_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <set>
#include <variant>

#include "orrery/base/error.h"
#include "orrery/base/letter_case.h"
#include "orrery/base/not_a_number.h"
#include "orrery/base/spelling.h"
#include "orrery/data/bar_fault.h"
#include "orrery/data/csv.h"
#include "orrery/data/known_time.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/number_text.h"
#include "orrery/data/quarantine.h"
#include "orrery/data/table_file.h"
#include "orrery/data/text_codes.h"
#include "orrery/data/time_text.h"
#include "orrery/market/session_times.h"

namespace orrery {
namespace {

/// Why a row is left out; a value may be thrown about inside a row, never out of it.
struct Fault {
  std::string reason, column, found;
};

template <class Value>
using Read = std::variant<Value, Fault>;

using Cell = std::variant<std::string, double, std::int64_t, Date>;
using Fields = std::vector<std::string>;

/// A column of the result on its way.
class GrowingColumn {
 public:
  explicit GrowingColumn(DeltaField field) : field_(std::move(field)), values_(empty_values(field_)) {}

  void append(const Cell& cell) {
    if (const auto* text = std::get_if<std::string>(&cell)) {
      texts_.append(text->empty() ? -1 : texts_.code(*text));
    } else if (const auto* number = std::get_if<double>(&cell)) {
      append_number(*number);
    } else if (const auto* whole = std::get_if<std::int64_t>(&cell)) {
      std::get<std::vector<std::int64_t>>(values_).push_back(*whole);
    } else {
      std::get<std::vector<Date>>(values_).push_back(std::get<Date>(cell));
    }
  }

  Column take() {
    if (field_.type == DeltaType::kText) return {field_.name, texts_.take()};
    return {field_.name, std::move(values_)};
  }

 private:
  void append_number(double number) {
    if (auto* floats = std::get_if<std::vector<float>>(&values_)) {
      floats->push_back(static_cast<float>(number));
    } else {
      std::get<std::vector<double>>(values_).push_back(number);
    }
  }

  DeltaField field_;
  ColumnValues values_;
  TextCodes texts_;
};

/// Gets values of one row out of its texts.
class RowValues {
 public:
  RowValues(const VendorMapping& mapping, const Fields& header) : mapping_(mapping) {
    for (std::size_t i = 0; i < header.size(); ++i) places_.emplace(header[i], i);
  }

  void look_at(const Fields& fields) { fields_ = &fields; }

  /// The text of a value as the export has it; "" where it is missing.
  std::string raw(const VendorValue& value) const {
    if (value.from.empty()) return value.constant;
    const auto& field = (*fields_)[places_.find(value.from)->second];
    const auto& missing = mapping_.missing;
    return std::find(missing.begin(), missing.end(), field) == missing.end() ? field : "";
  }

  Read<Cell> cell(const VendorColumn& column) const {
    switch (column.field.type) {
      case DeltaType::kText:
        return Cell{text(column.value)};
      case DeltaType::kDouble:
      case DeltaType::kFloat:
        return to_cell(number(column.value));
      case DeltaType::kDate:
        return day_cell(column.value);
      case DeltaType::kTimestamp:
        return moment_cell(column.value);
      case DeltaType::kBoolean:
        return truth_cell(column.value);
      default:
        return whole_cell(column.value);
    }
  }

  std::string text(const VendorValue& value) const {
    auto result = raw(value);
    if (const auto at = value.before.empty() ? std::string::npos : result.find(value.before);
        at != std::string::npos)
      result.resize(at);
    if (const auto at = value.before_last.empty() ? std::string::npos : result.rfind(value.before_last);
        at != std::string::npos) {
      result.resize(at);
    }
    if (value.capitals) result = upper_case(result);
    const auto other = value.map.find(result);
    return other == value.map.end() ? result : other->second;
  }

  /// NaN where it is missing.
  Read<double> number(const VendorValue& value) const {
    auto digits = raw(value);
    const auto found = digits;
    for (std::size_t at = 0;
         !mapping_.thousands.empty() && (at = digits.find(mapping_.thousands, at)) != std::string::npos;) {
      digits.erase(at, mapping_.thousands.size());
    }
    if (mapping_.decimal != '.') std::replace(digits.begin(), digits.end(), mapping_.decimal, '.');
    double number = kNaN;
    if (parse_number(digits, number) == NumberText::kNoNumber) return fault("not a number", value, found);
    return value.scale == 1.0 ? number : number * value.scale;
  }

  Read<ToldTime> time(const VendorValue& value, std::string_view wanted) const {
    const auto found = raw(value);
    if (found.empty()) return fault("empty field", value, "");
    if (const auto told = read_time(found, value.format)) return *told;
    return fault(fmt::format("not a {}", wanted), value, found);
  }

  Read<Timestamp> moment(const VendorValue& value) const {
    const auto told = time(value, "moment");
    if (const auto* wrong = std::get_if<Fault>(&told)) return *wrong;
    if (const auto moment = std::get<ToldTime>(told).moment(mapping_.zone)) return *moment;
    return fault("before the rules of the time zone begin", value, raw(value));
  }

  static Fault fault(std::string reason, const VendorValue& value, const std::string& found) {
    return {std::move(reason), value.from, printable(found)};
  }

 private:
  static Read<Cell> to_cell(Read<double> number) {
    if (auto* wrong = std::get_if<Fault>(&number)) return *wrong;
    return Cell{std::get<double>(number)};
  }

  Read<Cell> whole_cell(const VendorValue& value) const {
    const auto read = number(value);
    if (const auto* wrong = std::get_if<Fault>(&read)) return *wrong;
    const double number = std::get<double>(read);
    if (std::isnan(number)) return Cell{kMissingInteger};
    if (number != std::trunc(number) || std::abs(number) > 9e15)
      return fault("not a whole number", value, raw(value));
    return Cell{static_cast<std::int64_t>(number)};
  }

  Read<Cell> day_cell(const VendorValue& value) const {
    if (raw(value).empty()) return Cell{kMissingDate};
    const auto told = time(value, "day");
    if (const auto* wrong = std::get_if<Fault>(&told)) return *wrong;
    return Cell{std::get<ToldTime>(told).day};
  }

  Read<Cell> moment_cell(const VendorValue& value) const {
    if (raw(value).empty()) return Cell{kMissingInteger};
    const auto found = moment(value);
    if (const auto* wrong = std::get_if<Fault>(&found)) return *wrong;
    return Cell{std::get<Timestamp>(found).nanoseconds};
  }

  Read<Cell> truth_cell(const VendorValue& value) const {
    const auto word = lower_case(text(value));
    constexpr std::array<std::string_view, 5> kTrue = {"1", "true", "t", "yes", "y"};
    constexpr std::array<std::string_view, 5> kFalse = {"0", "false", "f", "no", "n"};
    if (word.empty()) return Cell{kMissingInteger};
    if (std::find(kTrue.begin(), kTrue.end(), word) != kTrue.end()) return Cell{std::int64_t{1}};
    if (std::find(kFalse.begin(), kFalse.end(), word) != kFalse.end()) return Cell{std::int64_t{0}};
    return fault("neither true nor false", value, raw(value));
  }

  const VendorMapping& mapping_;
  std::map<std::string, std::size_t, std::less<>> places_;
  const Fields* fields_ = nullptr;
};

/// Every column of the export that a mapping names, with where it does.
std::vector<const VendorValue*> named_values(const VendorMapping& mapping) {
  std::vector<const VendorValue*> values = {&mapping.event.value, &mapping.known.value};
  for (const auto& column : mapping.columns) values.push_back(&column.value);
  for (const auto& item : mapping.items) values.push_back(&item.value);
  std::erase_if(values, [](const VendorValue* value) { return value->from.empty(); });
  return values;
}

class VendorReader {
 public:
  VendorReader(const std::filesystem::path& file, const VendorMapping& mapping, Timestamp retrieved)
      : file_(file), mapping_(mapping), retrieved_(retrieved) {
    is_bars_ = mapping.definition.name.starts_with("bars_");
    for (const auto& column : mapping.columns) columns_.emplace_back(column.field);
    for (const auto* name : {"item", "value", "unit"}) {
      const auto* field = mapping.definition.schema.find(name);
      if (!mapping.items.empty() && field != nullptr) items_.emplace_back(*field);
    }
    lacks_nanoseconds_ =
        mapping.definition.schema.find("time_ns") != nullptr &&
        std::none_of(mapping.columns.begin(), mapping.columns.end(),
                     [](const VendorColumn& column) { return column.field.name == "time_ns"; });
  }

  VendorRows read() {
    if (is_table_file(file_)) {
      read_columns();
    } else {
      read_delimited(
          file_, mapping_.form, [this](const Fields& header) { begin(header); },
          [this](std::int64_t line, const Fields& fields) { take(line, fields); });
    }
    if (result_.read > 0 && events_.empty() && !result_.notes.empty()) {
      const auto& first = result_.notes.front();
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("{}: none of its {} rows can be read as {} says; the first, {}: {}{}, found '{}'",
                      file_.string(), result_.read, mapping_.path.string(), first.place, first.reason,
                      first.column.empty() ? "" : fmt::format(" in column '{}'", first.column), first.found));
    }
    finish();
    return std::move(result_);
  }

 private:
  void read_columns() {
    const auto table = read_text_table(file_);
    begin(table.header);
    for (std::size_t row = 0; row < table.rows.size(); ++row)
      take(static_cast<std::int64_t>(table.lines[row]), table.rows[row]);
  }

  void begin(const Fields& header) {
    fields_ = header.size();
    std::set<std::string> used;
    for (const auto* value : named_values(mapping_)) {
      used.insert(value->from);
      if (std::find(header.begin(), header.end(), value->from) != header.end()) continue;
      throw user_error(ErrorCode::kNotFound,
                       fmt::format("{}:{}:{}: {} has no column '{}'{}; it has: {}", mapping_.path.string(),
                                   value->mark.line, value->mark.column, file_.string(), value->from,
                                   did_you_mean(value->from, header), fmt::join(header, ", ")));
    }
    for (const auto& name : header) {
      if (!used.contains(name)) result_.unused.push_back(name);
    }
    values_.emplace(mapping_, header);
  }

  void take(std::int64_t line, const Fields& fields) {
    ++result_.read;
    row_ = {};
    if (const auto fault = read_row(fields)) return note(line, *fault);
    if (mapping_.items.empty()) return append();
    for (const auto& item : mapping_.items) take_item(line, item);
  }

  std::optional<Fault> read_row(const Fields& fields) {
    if (fields.empty()) return Fault{"quote not closed", "", ""};
    if (fields.size() != fields_)
      return Fault{"wrong number of fields", "", fmt::format("{} for {}", fields.size(), fields_)};
    values_->look_at(fields);
    for (const auto& column : mapping_.columns) {
      auto cell = values_->cell(column);
      if (auto* wrong = std::get_if<Fault>(&cell)) return std::move(*wrong);
      keep(column, std::get<Cell>(std::move(cell)));
      if (is_key(column.field.name) && raw_is_empty(column))
        return RowValues::fault("empty field", column.value, "");
    }
    if (auto fault = read_times()) return fault;
    return is_bars_ ? judge_bar() : std::nullopt;
  }

  bool raw_is_empty(const VendorColumn& column) const {
    return column.field.type == DeltaType::kText ? values_->text(column.value).empty()
                                                 : values_->raw(column.value).empty();
  }

  bool is_key(const std::string& name) const {
    const auto& key = mapping_.definition.key;
    return !may_lack(name) && std::find(key.begin(), key.end(), name) != key.end();
  }

  void keep(const VendorColumn& column, Cell cell) {
    if (column.field.name == "symbol") row_.symbol = std::get<std::string>(cell);
    if (const auto* number = std::get_if<double>(&cell); is_bars_ && number != nullptr) {
      for (const auto& [name, value] : {std::pair{"open", &row_.bar.open},
                                        {"high", &row_.bar.high},
                                        {"low", &row_.bar.low},
                                        {"close", &row_.bar.close},
                                        {"volume", &row_.bar.volume}}) {
        if (column.field.name == name) *value = *number;
      }
    }
    row_.cells.push_back(std::move(cell));
  }

  std::optional<Fault> judge_bar() const {
    const auto fault = find_bar_fault(row_.bar);
    if (!fault) return std::nullopt;
    for (const auto& column : mapping_.columns) {
      if (column.field.name == fault->column)
        return RowValues::fault(std::string(fault->reason), column.value, values_->raw(column.value));
    }
    return Fault{std::string(fault->reason), std::string(fault->column), ""};
  }

  std::optional<Fault> read_times() {
    if (auto fault = read_event()) return fault;
    if (auto fault = read_known()) return fault;
    if (is_bars_ && row_.known < row_.event)
      return RowValues::fault("known before the bar ended", mapping_.known.value, to_string(row_.known));
    return std::nullopt;
  }

  std::optional<Fault> read_event() {
    using Kind = VendorEvent::Kind;
    const auto& event = mapping_.event;
    if (event.kind == Kind::kMoment) {
      const auto moment = values_->moment(event.value);
      if (const auto* wrong = std::get_if<Fault>(&moment)) return *wrong;
      row_.event = {std::get<Timestamp>(moment).nanoseconds + event.plus};
      row_.day = day_of(std::get<Timestamp>(moment));
      return std::nullopt;
    }
    const auto told = values_->time(event.value, "day");
    if (const auto* wrong = std::get_if<Fault>(&told)) return *wrong;
    row_.day = std::get<ToldTime>(told).day;
    const auto moment = moment_of_day(*row_.day);
    if (!moment)
      return RowValues::fault("before the rules of the time zone begin", event.value, to_string(*row_.day));
    row_.event = {moment->nanoseconds + event.plus};
    return std::nullopt;
  }

  std::optional<Timestamp> moment_of_day(Date day) const {
    using Kind = VendorEvent::Kind;
    if (mapping_.event.kind == Kind::kSessionClose) return Timestamp{new_york_session(day).close};
    if (mapping_.event.kind == Kind::kTimeOfDay) return mapping_.zone.moment_of(day, mapping_.event.at);
    return start_of(day + 1);
  }

  std::optional<Fault> read_known() {
    using Kind = VendorKnown::Kind;
    const auto& known = mapping_.known;
    if (known.kind == Kind::kMoment) {
      const auto moment = values_->moment(known.value);
      if (const auto* wrong = std::get_if<Fault>(&moment)) return *wrong;
      row_.known = std::get<Timestamp>(moment);
      return std::nullopt;
    }
    if (known.kind == Kind::kDelay) {
      row_.known = {row_.event.nanoseconds + known.delay};
      return std::nullopt;
    }
    return read_known_by_rule();
  }

  /// Bars told by their day alone are known at its end, as those of every file.
  std::optional<Fault> read_known_by_rule() {
    FactTimes times{.event = row_.event};
    if (mapping_.known.kind == VendorKnown::Kind::kDay) {
      const auto told = values_->time(mapping_.known.value, "day");
      if (const auto* wrong = std::get_if<Fault>(&told)) return *wrong;
      times.day = std::get<ToldTime>(told).day;
    } else if (is_bars_ && mapping_.event.kind == VendorEvent::Kind::kEndOfDay) {
      row_.known = row_.event;
      return std::nullopt;
    }
    try {
      row_.known = known_time(mapping_.definition.name, mapping_.source, times);
    } catch (const Error& error) {
      return RowValues::fault(error.what(), mapping_.known.value, to_string(row_.event));
    }
    return std::nullopt;
  }

  void take_item(std::int64_t line, const VendorItem& item) {
    const auto number = values_->number(item.value);
    if (const auto* wrong = std::get_if<Fault>(&number)) return note(line, *wrong);
    const double value = std::get<double>(number);
    if (std::isnan(value)) return;
    items_[0].append(item.item);
    items_[1].append(value);
    if (items_.size() > 2) items_[2].append(item.unit);  // not every table has one
    append();
  }

  void append() {
    for (std::size_t i = 0; i < columns_.size(); ++i) columns_[i].append(row_.cells[i]);
    events_.push_back(row_.event.nanoseconds);
    known_.push_back(row_.known.nanoseconds);
  }

  void note(std::int64_t line, const Fault& fault) {
    result_.notes.push_back({mapping_.definition.name, row_.symbol,
                             fmt::format("{}, line {}", file_.filename().string(), line), row_.day,
                             fault.reason, fault.column, fault.found});
  }

  void finish() {
    auto& columns = result_.rows.columns;
    for (auto& column : columns_) columns.push_back(column.take());
    for (auto& column : items_) columns.push_back(column.take());
    const auto count = events_.size();
    if (lacks_nanoseconds_) columns.push_back({"time_ns", events_});
    columns.push_back({kRetrievedTime, std::vector<std::int64_t>(count, retrieved_.nanoseconds)});
    columns.push_back({kSource, repeated_text(count, mapping_.source)});
    columns.push_back({kEventTime, std::move(events_)});
    columns.push_back({kKnownTime, std::move(known_)});
  }

  struct Row {
    std::vector<Cell> cells;  ///< by column of the mapping
    std::string symbol;
    BarValues bar{kNaN, kNaN, kNaN, kNaN, kNaN};
    std::optional<Date> day;
    Timestamp event, known;
  };

  const std::filesystem::path& file_;
  const VendorMapping& mapping_;
  Timestamp retrieved_;
  bool is_bars_ = false;
  bool lacks_nanoseconds_ = false;
  std::size_t fields_ = 0;
  std::optional<RowValues> values_;
  std::vector<GrowingColumn> columns_, items_;
  std::vector<std::int64_t> events_, known_;
  Row row_;
  VendorRows result_;
};

}  // namespace

VendorRows read_vendor_rows(const std::filesystem::path& file, const VendorMapping& mapping,
                            Timestamp retrieved) {
  return VendorReader(file, mapping, retrieved).read();
}

}  // namespace orrery
