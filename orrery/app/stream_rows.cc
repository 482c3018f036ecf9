#include "orrery/app/stream_rows.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <istream>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"

namespace orrery {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
constexpr std::array<std::string_view, 3> kTimeNames = {"date", "time", "timestamp"};

bool is_time_name(std::string_view name) {
  return std::find(kTimeNames.begin(), kTimeNames.end(), name) != kTimeNames.end();
}

std::size_t column_of(const std::vector<std::string>& header, const std::string& source,
                      const std::string& name, const char* use) {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found != header.end()) return static_cast<std::size_t>(found - header.begin());
  throw user_error(ErrorCode::kInvalidArgument,
                   fmt::format("{}, line 1: no column '{}'{}; there are: {}{}", source, name, use,
                               fmt::join(header, ", "), did_you_mean(name, header)));
}

}  // namespace

StreamRows::StreamRows(std::istream& in, std::string source, std::vector<std::string> fields,
                       std::span<const std::string> symbols, LineRefusal refuse)
    : in_(in),
      source_(std::move(source)),
      field_names_(std::move(fields)),
      refuse_(std::move(refuse)),
      values_(field_names_.size(), std::vector<double>(symbols.size(), kNan)),
      taken_(symbols.size(), 0) {
  for (std::size_t i = 0; i < symbols.size(); ++i) instruments_.emplace(symbols[i], i);
  for (const auto& values : values_) views_.emplace_back(values);
  line_.values.resize(field_names_.size());
}

void StreamRows::start_after(Timestamp moment) {
  any_taken_ = true;
  latest_ = moment;
}

bool StreamRows::refuse(const std::string& reason) const {
  refuse_(line_number_, reason);
  return false;
}

void StreamRows::read_header(std::string_view text) {
  std::vector<std::string> header;
  if (!split_csv_line(text, header))
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("{}, line 1: a quote is not closed", source_));
  const auto time = std::find_if(header.begin(), header.end(), is_time_name);
  if (time == header.end()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("{}, line 1: no column '{}' for the moment; there are: {}", source_,
                                 fmt::join(kTimeNames, "' or '"), fmt::join(header, ", ")));
  }
  header_size_ = header.size();
  time_column_ = static_cast<std::size_t>(time - header.begin());
  symbol_column_ = column_of(header, source_, "symbol", "");
  for (const auto& name : field_names_)
    field_columns_.push_back(column_of(header, source_, name, ", which a factor reads"));
}

bool StreamRows::take_time(std::string_view text) {
  const auto time = parse_timestamp(trim(text));
  if (!time) {
    return refuse(
        fmt::format("'{}' is no moment: expected such as 2026-01-31 or 2026-01-31T15:30:00Z", text));
  }
  line_.time = *time;
  line_.time_text = trim(text);
  return true;
}

bool StreamRows::take_symbol(std::string_view text) {
  const auto found = instruments_.find(std::string(trim(text)));
  if (found == instruments_.end()) return refuse(fmt::format("symbol '{}' is not of this stream", text));
  line_.instrument = found->second;
  return true;
}

bool StreamRows::take_number(std::size_t field, std::string_view text) {
  if (parse_number(text, line_.values[field]) != NumberText::kNoNumber) return true;
  return refuse(fmt::format("column '{}': '{}' is no number", field_names_[field], text));
}

bool StreamRows::parse_csv(std::string_view text) {
  if (!split_csv_line(text, cells_)) return refuse("a quote is not closed");
  if (cells_.size() != header_size_)
    return refuse(fmt::format("{} fields instead of {}", cells_.size(), header_size_));
  if (!take_time(cells_[time_column_]) || !take_symbol(cells_[symbol_column_])) return false;
  for (std::size_t i = 0; i < field_columns_.size(); ++i) {
    if (!take_number(i, cells_[field_columns_[i]])) return false;
  }
  return true;
}

bool StreamRows::parse_json(std::string_view text) {
  const auto object = nlohmann::json::parse(text, nullptr, false);
  if (!object.is_object()) return refuse("this is no JSON object");
  const auto time = std::find_if(kTimeNames.begin(), kTimeNames.end(),
                                 [&](std::string_view name) { return object.contains(name); });
  if (time == kTimeNames.end() || !object.at(*time).is_string())
    return refuse(fmt::format("no text '{}' for the moment", fmt::join(kTimeNames, "' or '")));
  if (!object.contains("symbol") || !object.at("symbol").is_string()) return refuse("no text 'symbol'");
  if (!take_time(object.at(*time).get_ref<const std::string&>()) ||
      !take_symbol(object.at("symbol").get_ref<const std::string&>())) {
    return false;
  }
  for (std::size_t i = 0; i < field_names_.size(); ++i) {
    const auto value = object.find(field_names_[i]);
    line_.values[i] = kNan;
    if (value == object.end() || value->is_null()) continue;
    if (!value->is_number())
      return refuse(fmt::format("'{}': {} is no number", field_names_[i], value->dump()));
    line_.values[i] = value->get<double>();
  }
  return true;
}

/// Reads a line into `line_`; false when it was refused or only said what the columns are.
bool StreamRows::parse(std::string_view text) {
  if (!started_) {
    started_ = true;
    json_ = text.starts_with('{');
    if (!json_) {
      read_header(text);
      return false;
    }
  }
  if (!(json_ ? parse_json(text) : parse_csv(text))) return false;
  if (any_taken_ && line_.time <= latest_) {
    return refuse(fmt::format("{}: {} after the row of {}", line_.time == latest_ ? "a duplicate" : "late",
                              line_.time_text, to_string(latest_)));
  }
  return true;
}

void StreamRows::begin_row() {
  for (auto& values : values_) std::fill(values.begin(), values.end(), kNan);
  std::fill(taken_.begin(), taken_.end(), std::uint8_t{0});
  present_.clear();
}

/// Puts `line_` into the row; false when it belongs to the next one.
bool StreamRows::place_line() {
  if (present_.empty()) {
    time_ = line_.time;
    time_text_ = line_.time_text;
  }
  if (line_.time > time_) return false;
  if (line_.time < time_) {
    refuse(fmt::format("late: {} while the row of {} is open", line_.time_text, time_text_));
  } else if (taken_[line_.instrument] != 0) {
    refuse("a duplicate: the instrument has a line in this row already");
  } else {
    taken_[line_.instrument] = 1;
    present_.push_back(line_.instrument);
    for (std::size_t i = 0; i < values_.size(); ++i) values_[i][line_.instrument] = line_.values[i];
  }
  return true;
}

bool StreamRows::next() {
  begin_row();
  if (waiting_) place_line();
  waiting_ = false;
  std::string text;
  while (std::getline(in_, text)) {
    ++line_number_;
    if (!text.empty() && text.back() == '\r') text.pop_back();
    if (trim(text).empty()) {
      if (present_.empty()) continue;
      break;
    }
    if (!parse(text)) continue;
    waiting_ = !place_line();
    if (waiting_) break;
  }
  if (present_.empty()) return false;
  std::sort(present_.begin(), present_.end());
  any_taken_ = true;
  latest_ = time_;
  return true;
}

}  // namespace orrery
