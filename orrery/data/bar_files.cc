#include "orrery/data/bar_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "orrery/base/error.h"
#include "orrery/data/moment_table.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

const std::vector<std::string> kMomentNames = {"date", "timestamp", "datetime", "time", "open_time"};

void check_bar(const TextTable& table, std::size_t row, const TimedBar& bar) {
  const bool positive = bar.open > 0.0 && bar.high > 0.0 && bar.low > 0.0 && bar.close > 0.0;
  const bool holds = bar.high >= std::max(bar.open, bar.close) && bar.low <= std::min(bar.open, bar.close);
  if (positive && holds && bar.volume >= 0.0) return;
  throw user_error(
      ErrorCode::kInvalidArgument,
      fmt::format("{}, line {}: a bar needs prices above 0, a high that none exceeds, a low that none "
                  "undercuts and a volume that is not negative; found {}, {}, {}, {} and {}",
                  table.path.string(), table.lines[row], bar.open, bar.high, bar.low, bar.close, bar.volume));
}

std::vector<TimedBar> read_rows(const MomentTable& table) {
  const TextTable& text = table.text;
  const std::size_t open = find_text_column(text, {"open"}), high = find_text_column(text, {"high"}),
                    low = find_text_column(text, {"low"}), close = find_text_column(text, {"close"});
  const auto volume = find_column(text, {"volume"});
  std::vector<TimedBar> bars;
  for (std::size_t row = 0; row < text.rows.size(); ++row) {
    const bool has_volume = volume && !text.rows[row][*volume].empty();
    bars.push_back({table.moments[row], number_at(text, row, open), number_at(text, row, high),
                    number_at(text, row, low), number_at(text, row, close),
                    has_volume ? number_at(text, row, *volume) : 0.0});
    check_bar(text, row, bars.back());
  }
  return bars;
}

std::int64_t bar_length(const std::vector<TimedBar>& bars, const std::filesystem::path& path) {
  std::int64_t length =
      bars.size() == 1 ? kNanosecondsPerDay : bars[1].moment.nanoseconds - bars[0].moment.nanoseconds;
  for (std::size_t i = 1; i < bars.size(); ++i) {
    length = std::min(length, bars[i].moment.nanoseconds - bars[i - 1].moment.nanoseconds);
  }
  if (length > 0 && length <= kNanosecondsPerDay) return length;
  throw user_error(
      ErrorCode::kInvalidArgument,
      length == 0 ? fmt::format("{}: two bars begin at one moment", path.string())
                  : fmt::format("{}: bars of a day or less are expected, found longer ones", path.string()));
}

/// Columns of daily bars, filled day by day.
class DailyColumns {
 public:
  void add(Date day, const std::string& symbol, const TimedBar& bar) {
    days_.push_back(day);
    symbols_.append(symbols_.code(symbol));
    const double values[] = {bar.open, bar.high, bar.low, bar.close, bar.volume};
    for (std::size_t i = 0; i < std::size(values); ++i) values_[i].push_back(values[i]);
  }

  Table take() {
    Table table;
    table.columns.push_back({"date", std::move(days_)});
    table.columns.push_back({"symbol", symbols_.take()});
    const char* names[] = {"open", "high", "low", "close", "volume"};
    for (std::size_t i = 0; i < std::size(names); ++i) {
      table.columns.push_back({names[i], std::move(values_[i])});
    }
    return table;
  }

 private:
  std::vector<Date> days_;
  TextCodes symbols_;
  std::vector<double> values_[5];
};

void extend(TimedBar& day, const TimedBar& bar) {
  day.high = std::max(day.high, bar.high);
  day.low = std::min(day.low, bar.low);
  day.close = bar.close;
  day.volume += bar.volume;
}

/// Whether a first or last day of the file lacks its first or last bar.
bool is_incomplete(const TimedBars& file, std::size_t first, std::size_t end, Date day) {
  const std::int64_t begins = start_of(day).nanoseconds;
  const bool begins_late = first == 0 && file.bars[first].moment.nanoseconds >= begins + file.length;
  const bool ends_early = end == file.bars.size() &&
                          file.bars[end - 1].moment.nanoseconds + file.length < begins + kNanosecondsPerDay;
  return begins_late || ends_early;
}

void fold_days(const std::string& symbol, const TimedBars& file, DailyColumns& columns,
               std::size_t& incomplete_days) {
  for (std::size_t first = 0, end = 0; first < file.bars.size(); first = end) {
    const Date day = day_of(file.bars[first].moment);
    TimedBar folded = file.bars[first];
    for (end = first + 1; end < file.bars.size() && day_of(file.bars[end].moment) == day; ++end) {
      extend(folded, file.bars[end]);
    }
    if (is_incomplete(file, first, end, day)) {
      ++incomplete_days;
    } else {
      columns.add(day, symbol, folded);
    }
  }
}

}  // namespace

TimedBars read_timed_bars(const std::filesystem::path& path) {
  TimedBars file{read_rows(read_moment_table(path, kMomentNames))};
  if (file.bars.empty()) {
    throw user_error(ErrorCode::kInvalidArgument, fmt::format("{} holds no bar", path.string()));
  }
  std::sort(file.bars.begin(), file.bars.end(),
            [](const TimedBar& a, const TimedBar& b) { return a.moment < b.moment; });
  file.length = bar_length(file.bars, path);
  return file;
}

DailyBars read_daily_bars(const std::vector<BarFile>& files) {
  DailyBars daily;
  DailyColumns columns;
  for (const BarFile& file : files) {
    fold_days(file.symbol, read_timed_bars(file.path), columns, daily.incomplete_days);
  }
  daily.table = columns.take();
  return daily;
}

}  // namespace orrery
