#include "orrery/data/lean_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "orrery/base/letter_case.h"
#include "orrery/base/timestamp.h"
#include "orrery/data/bar_fault.h"
#include "orrery/data/csv.h"
#include "orrery/data/number_text.h"
#include "orrery/data/price_rows.h"
#include "orrery/data/text_file.h"
#include "orrery/market/session_times.h"

namespace orrery {
namespace {

constexpr std::int64_t kLeanMinute = 60'000 * kNanosecondsPerMillisecond;
constexpr double kHundredthsOfACent = 10'000.0;
constexpr std::size_t kFields = 6;
constexpr std::array<const char*, kFields> kLeanColumns = {"time", "open", "high", "low", "close", "volume"};

struct Resolution {
  std::string_view name;
  std::string_view frequency;
  std::int64_t length;  ///< of a bar, nanoseconds
  bool by_day;          ///< one file a day and ticker
};

constexpr std::array kResolutions = {
    Resolution{"daily", "1d", kNanosecondsPerDay, false},
    Resolution{"hour", "1h", 60 * kLeanMinute, false},
    Resolution{"minute", "1m", kLeanMinute, true},
    Resolution{"second", "1s", 1000 * kNanosecondsPerMillisecond, true},
    Resolution{"tick", "tick", 0, true},
};

const Resolution* find_resolution(std::string_view name) {
  const auto found = std::find_if(kResolutions.begin(), kResolutions.end(),
                                  [name](const Resolution& one) { return one.name == name; });
  return found == kResolutions.end() ? nullptr : &*found;
}

/// Splits "btcusd_trade" at its last underscore; the part behind is "" where there is none.
std::pair<std::string, std::string> split_kind(const std::string& stem) {
  const auto at = stem.rfind('_');
  if (at == std::string::npos) return {stem, ""};
  return {stem.substr(0, at), stem.substr(at + 1)};
}

/// The last parts of a path: the file's stem is the first.
std::vector<std::string> parts_from_end(const std::filesystem::path& path) {
  std::vector<std::string> parts;
  for (const auto& part : path) parts.push_back(part.string());
  parts.back() = path.stem().string();
  std::reverse(parts.begin(), parts.end());
  return parts;
}

/// Reads one bar's line after another into columns.
class BarLines {
 public:
  BarLines(const LeanFile& file, LeanBars& bars, std::vector<LeanFault>& faults)
      : file_(file),
        resolution_(*find_resolution(file.resolution)),
        in_new_york_(file.asset == "equity"),
        scale_(file.asset == "equity" ? kHundredthsOfACent : 1.0),
        bars_(bars),
        faults_(faults) {}

  void read(std::string_view text) {
    for (std::int64_t line = 1; !text.empty(); ++line) {
      const auto content = trim(take_line(text));
      if (!content.empty()) read_line(content, line);
    }
  }

 private:
  struct Start {
    Date day;
    std::int64_t since_midnight = 0;  ///< nanoseconds, the exchange's clock
  };

  void read_line(std::string_view content, std::int64_t line) {
    if (!split_csv_line(content, fields_) || fields_.size() != kFields) {
      refuse(line, "wrong number of fields", "", std::to_string(fields_.size()));
      return;
    }
    const auto start = start_of_bar();
    if (!start) return refuse(line, "unreadable time", kLeanColumns[0], fields_[0]);
    day_ = start->day;
    std::array<double, kFields> numbers{};
    for (std::size_t i = 1; i < kFields; ++i) {
      if (parse_number(fields_[i], numbers[i]) == NumberText::kNoNumber)
        return refuse(line, "non-numeric field", kLeanColumns[i], fields_[i]);
    }
    const BarValues bar = {numbers[1] / scale_, numbers[2] / scale_, numbers[3] / scale_, numbers[4] / scale_,
                           numbers[5]};
    if (const auto fault = find_bar_fault(bar)) {
      const auto column =
          std::find(kLeanColumns.begin(), kLeanColumns.end(), fault->column) - kLeanColumns.begin();
      return refuse(line, fault->reason, fault->column, fields_[static_cast<std::size_t>(column)]);
    }
    append(*start, bar);
  }

  void append(const Start& start, const BarValues& bar) {
    const auto opens = moment_of(start);
    const bool is_session = resolution_.length == kNanosecondsPerDay && in_new_york_;
    const auto session =
        is_session ? new_york_session(start.day) : SessionTimes{opens, opens + resolution_.length};
    bars_.date.push_back(start.day);
    bars_.open_time.push_back(session.open);
    bars_.close_time.push_back(session.close);
    bars_.open.push_back(bar.open);
    bars_.high.push_back(bar.high);
    bars_.low.push_back(bar.low);
    bars_.close.push_back(bar.close);
    bars_.volume.push_back(bar.volume);
  }

  std::int64_t moment_of(const Start& start) const {
    const auto midnight = in_new_york_ ? new_york_time(start.day, 0, 0) : orrery::start_of(start.day);
    return midnight.nanoseconds + start.since_midnight;
  }

  /// "20131001 09:00", or milliseconds since midnight of the file's day.
  std::optional<Start> start_of_bar() const {
    const std::string_view text = fields_[0];
    if (!resolution_.by_day) return text.size() == 14 ? wall_clock(text) : std::nullopt;
    double milliseconds = 0.0;
    if (parse_number(text, milliseconds) != NumberText::kNumber || !file_.day) return std::nullopt;
    const double nanoseconds = milliseconds * static_cast<double>(kNanosecondsPerMillisecond);
    if (!(nanoseconds >= 0.0) || nanoseconds >= static_cast<double>(kNanosecondsPerDay)) return std::nullopt;
    return Start{*file_.day, std::llround(nanoseconds)};
  }

  static std::optional<Start> wall_clock(std::string_view text) {
    const auto day = parse_price_date(text.substr(0, 8));
    double hour = 0.0, minute = 0.0;
    if (!day || text[8] != ' ' || text[11] != ':' ||
        parse_number(text.substr(9, 2), hour) != NumberText::kNumber ||
        parse_number(text.substr(12, 2), minute) != NumberText::kNumber || hour < 0.0 || hour > 23.0 ||
        minute < 0.0 || minute > 59.0) {
      return std::nullopt;
    }
    return Start{*day, static_cast<std::int64_t>(hour * 60.0 + minute) * kLeanMinute};
  }

  void refuse(std::int64_t line, std::string_view reason, std::string_view column, std::string_view found) {
    faults_.push_back({line, column == kLeanColumns[0] || column.empty() ? file_.day : std::optional(day_),
                       std::string(reason), std::string(column), printable(found)});
  }

  const LeanFile& file_;
  const Resolution& resolution_;
  bool in_new_york_;
  double scale_;
  LeanBars& bars_;
  std::vector<LeanFault>& faults_;
  std::vector<std::string> fields_;
  Date day_;
};

}  // namespace

std::optional<LeanFile> describe_lean_file(const std::filesystem::path& path) {
  const auto parts = parts_from_end(path);
  if (parts.size() < 4 || path.extension() != ".zip") return std::nullopt;
  const auto [name, kind] = split_kind(parts[0]);
  const auto* whole = find_resolution(parts[1]);
  if (whole != nullptr && !whole->by_day) {
    const bool is_quoted = parts[3] == "forex" || parts[3] == "cfd";
    return LeanFile{path,        parts[3],         parts[2],
                    parts[1],    upper_case(name), !kind.empty() ? kind : is_quoted ? "quote" : "trade",
                    std::nullopt};
  }
  const auto* by_day = parts.size() < 5 ? nullptr : find_resolution(parts[2]);
  const auto day = parse_price_date(name);
  if (by_day == nullptr || !by_day->by_day || !day || kind.empty()) return std::nullopt;
  return LeanFile{path, parts[4], parts[3], parts[2], upper_case(parts[1]), kind, day};
}

std::string why_not_taken(const LeanFile& file) {
  const bool is_known = (file.asset == "equity" && file.market == "usa") || file.asset == "crypto";
  if (!is_known) return fmt::format("{} of {}", file.asset, file.market);
  if (file.resolution == "tick") return "ticks";
  if (file.kind != "trade") return "bars of " + file.kind + "s";
  return "";
}

std::string frequency_of(const LeanFile& file) {
  return std::string(find_resolution(file.resolution)->frequency);
}

void read_lean_bars(const LeanFile& file, std::string_view text, LeanBars& bars,
                    std::vector<LeanFault>& faults) {
  BarLines(file, bars, faults).read(text);
}

}  // namespace orrery
