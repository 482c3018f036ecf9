#include "orrery/data/factor_returns.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>
#include <string_view>

#include "orrery/base/error.h"
#include "orrery/base/letter_case.h"
#include "orrery/base/statistics.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"
#include "orrery/data/text_file.h"

namespace orrery {
namespace {

using Frequency = FactorReturns::Frequency;

/// Typical daily returns are about 0.005, typical monthly ones 0.03; in percent 0.5 and 3.
constexpr double kLargestFraction = 0.1;
constexpr double kPercent = 0.01;

struct Line {
  std::size_t number = 0;  ///< from 1
  std::vector<std::string> fields;

  bool blank() const {
    return std::all_of(fields.begin(), fields.end(), [](const auto& field) { return field.empty(); });
  }
  std::size_t filled() const {
    return static_cast<std::size_t>(
        std::count_if(fields.begin(), fields.end(), [](const auto& field) { return !field.empty(); }));
  }
};

struct Period {
  Date date;
  Frequency frequency = Frequency::kDaily;
};

std::optional<int> digits(std::string_view text) {
  int value = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = 10 * value + (c - '0');
  }
  return value;
}

/// Reads YYYYMM or YYYYMMDD (dashes taken out already). Nothing: no such day.
std::optional<Period> parse_compact(std::string_view text) {
  const bool daily = text.size() == 8;
  if (!daily && text.size() != 6) return std::nullopt;
  const auto whole = digits(text);
  if (!whole) return std::nullopt;
  const int month_count = daily ? *whole / 100 : *whole;
  const auto iso =
      fmt::format("{:04}-{:02}-{:02}", month_count / 100, month_count % 100, daily ? *whole % 100 : 1);
  const auto date = parse_date(iso);
  if (!date) return std::nullopt;
  return Period{*date, daily ? Frequency::kDaily : Frequency::kMonthly};
}

std::optional<Period> parse_period(std::string_view text) {
  if (text.size() >= 10 && text[4] == '-') {
    const auto date = parse_date(text);
    return date ? std::optional(Period{*date, Frequency::kDaily}) : std::nullopt;
  }
  std::string compact(text);
  if (text.size() == 7 && text[4] == '-') compact.erase(4, 1);
  return parse_compact(compact);
}

std::vector<Line> split_lines(std::string_view text) {
  if (text.starts_with(kByteOrderMark)) text.remove_prefix(kByteOrderMark.size());
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    Line line{number, {}};
    split_csv_line(take_line(text), line.fields);
    for (auto& field : line.fields) field = std::string(trim(field));
    lines.push_back(std::move(line));
  }
  return lines;
}

Error bad_line(const std::filesystem::path& path, std::size_t line, const std::string& what) {
  return user_error(ErrorCode::kInvalidArgument, fmt::format("{}, line {}: {}", path.string(), line, what));
}

bool is_cash(const std::string& given) {
  const auto name = lower_case(given);
  return name == "rf" || name == "risk_free";
}

/// Reads the first table of the file, row by row.
class Reader {
 public:
  explicit Reader(const std::filesystem::path& path) : path_(path) {
    result_.file = path.filename().string();
  }

  FactorReturns read() {
    const Line* before = nullptr;
    for (const Line& line : lines_) {
      if (line.blank()) continue;
      const auto period = parse_period(line.fields.front());
      if (names_.empty() && period) take_header(before, line, *period);
      if (!names_.empty() && !take_line(line, period)) break;
      before = &line;
    }
    if (result_.dates.empty()) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}: no row of it begins with a date (YYYYMMDD, YYYY-MM-DD, or a month)",
                                   path_.string()));
    }
    return std::move(result_);
  }

 private:
  /// The header is the line before the first date.
  void take_header(const Line* header, const Line& first, const Period& period) {
    if (header == nullptr)
      throw bad_line(path_, first.number,
                     "a header with the names of the factors is expected before the first date");
    names_.assign(header->fields.begin() + 1, header->fields.end());
    while (!names_.empty() && names_.back().empty()) names_.pop_back();
    result_.frequency = period.frequency;
    if (names_.empty()) throw bad_line(path_, header->number, "the header names no factor");
    for (std::size_t i = 0; i < names_.size(); ++i) check_name(*header, i);
    for (const auto& name : names_) {
      if (is_cash(name)) continue;
      result_.names.push_back(name);
      result_.returns.emplace_back();
    }
  }

  void check_name(const Line& header, std::size_t i) {
    if (names_[i].empty()) throw bad_line(path_, header.number, fmt::format("column {} has no name", i + 2));
    if (std::find(names_.begin(), names_.begin() + static_cast<std::ptrdiff_t>(i), names_[i]) !=
        names_.begin() + static_cast<std::ptrdiff_t>(i)) {
      throw bad_line(path_, header.number, fmt::format("the factor '{}' is named twice", names_[i]));
    }
  }

  /// Returns false at the end of the table: a title, a header, a copyright.
  bool take_line(const Line& line, const std::optional<Period>& period) {
    if (!period || period->frequency != result_.frequency) {
      if (line.fields.front().empty() || line.filled() <= names_.size()) return false;
      throw bad_line(
          path_, line.number,
          fmt::format("a date is expected ({}), found '{}'",
                      result_.frequency == Frequency::kDaily ? "YYYYMMDD or YYYY-MM-DD" : "YYYYMM or YYYY-MM",
                      line.fields.front()));
    }
    if (!result_.dates.empty() && period->date <= result_.dates.back()) {
      throw bad_line(path_, line.number,
                     fmt::format("dates must ascend, but {} follows {}", line.fields.front(),
                                 to_string(result_.dates.back())));
    }
    check_count(line);
    result_.dates.push_back(period->date);
    std::size_t factor = 0;
    for (std::size_t i = 0; i < names_.size(); ++i) {
      const double value = value_of(line, i);
      (is_cash(names_[i]) ? result_.cash : result_.returns[factor++]).push_back(value);
    }
    return true;
  }

  void check_count(const Line& line) const {
    std::size_t count = line.fields.size();
    while (count > names_.size() + 1 && line.fields[count - 1].empty()) --count;
    if (count == names_.size() + 1) return;
    throw bad_line(
        path_, line.number,
        fmt::format("{} fields are expected, as in the header, found {}", names_.size() + 1, count));
  }

  double value_of(const Line& line, std::size_t column) const {
    const auto& text = line.fields[column + 1];
    double value = 0.0;
    if (parse_number(text, value) == NumberText::kNoNumber) {
      throw bad_line(path_, line.number,
                     fmt::format("column '{}': a number is expected, found '{}'", names_[column], text));
    }
    const bool missing = value == -99.99 || value == -999.0;
    return missing ? std::numeric_limits<double>::quiet_NaN() : value;
  }

  std::filesystem::path path_;
  std::vector<Line> lines_ = split_lines(read_text_file(path_));
  std::vector<std::string> names_;  ///< of all columns after the date
  FactorReturns result_;
};

/// The largest median size of a factor tells percent from fractions.
ReturnUnit guess_unit(const FactorReturns& factors) {
  double largest = 0.0;
  for (const auto& series : factors.returns) {
    std::vector<double> sizes = drop_missing(series);
    for (double& value : sizes) value = std::abs(value);
    if (!sizes.empty()) largest = std::max(largest, quantile(sizes, 0.5));
  }
  return largest > kLargestFraction ? ReturnUnit::kPercent : ReturnUnit::kFraction;
}

void scale(std::vector<double>& values) {
  for (double& value : values) value *= kPercent;
}

}  // namespace

FactorReturns read_factor_returns(const std::filesystem::path& path, ReturnUnit unit) {
  FactorReturns result = Reader(path).read();
  result.unit = unit == ReturnUnit::kAutomatic ? guess_unit(result) : unit;
  if (result.unit == ReturnUnit::kPercent) {
    for (auto& series : result.returns) scale(series);
    scale(result.cash);
  }
  return result;
}

}  // namespace orrery
