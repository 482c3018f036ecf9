#include "orrery/data/price_checks.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>

#include "orrery/base/threads.h"
#include "orrery/data/number_text.h"

namespace orrery {
namespace {

constexpr std::size_t kBlockRows = 1 << 12;
constexpr int kIsolatedDays = 366;
constexpr std::size_t kRowsPerSlip = 100;

/// Prices of one bar that were rounded apart from each other may disagree by a unit of the sixth decimal.
constexpr double kPriceTolerance = 1e-6;

struct Fault {
  std::size_t row = 0;
  QuarantineReason reason = QuarantineReason::kEmptyField;
  PriceColumn column = kOpen;
  double found = 0.0;
};

using Judgement = std::optional<Fault>;

/// Judges the rows of one file against what a bar must be.
class BarJudge {
 public:
  BarJudge(const PriceRows& rows, bool keep_impossible_bars)
      : rows_(rows), keep_impossible_bars_(keep_impossible_bars) {
    for (const auto column : {kOpen, kHigh, kLow, kClose, kAdjClose}) {
      if (rows.has(column)) prices_.push_back(column);
    }
    for (const auto column : {kDividend, kSplitRatio}) {
      if (rows.has(column)) actions_.push_back(column);
    }
  }

  /// Appends a fault for every row of a block that can't be a bar. Columns are passed one after another, so
  /// that the many good rows cost little; a flag is as wide as a double, which lets the compiler take four at
  /// a time.
  void judge_block(std::size_t begin, std::size_t end, std::vector<Fault>& faults) const {
    std::vector<std::int64_t> bad(end - begin, 0);
    mark_bad(kVolume, begin, bad, [](double value) { return !((value >= 0.0) & (value <= kLargest)); });
    for (const auto column : prices_) {
      mark_bad(column, begin, bad, [](double value) { return !((value > 0.0) & (value <= kLargest)); });
    }
    for (const auto column : actions_) {
      mark_bad(column, begin, bad, [](double value) { return (value < 0.0) | (value > kLargest); });
    }
    if (!keep_impossible_bars_) mark_impossible(begin, bad);
    for (std::size_t i = 0; i < bad.size(); ++i) {
      if (bad[i] == 0 || rows_.symbol[begin + i] == PriceRows::kUnusable) continue;
      faults.push_back(*judge(begin + i));
    }
  }

 private:
  static constexpr double kLargest = std::numeric_limits<double>::max();

  void mark_bad(PriceColumn column, std::size_t begin, std::vector<std::int64_t>& bad,
                const auto& rule) const {
    const double* const values = rows_.values[column].data() + begin;
    std::int64_t* const flags = bad.data();
    for (std::size_t i = 0; i < bad.size(); ++i) flags[i] |= rule(values[i]) ? 1 : 0;
  }

  void mark_impossible(std::size_t begin, std::vector<std::int64_t>& bad) const {
    const double* const open = rows_.values[kOpen].data() + begin;
    const double* const high = rows_.values[kHigh].data() + begin;
    const double* const low = rows_.values[kLow].data() + begin;
    const double* const close = rows_.values[kClose].data() + begin;
    std::int64_t* const flags = bad.data();
    for (std::size_t i = 0; i < bad.size(); ++i) {
      flags[i] |= is_impossible(open[i], high[i], low[i], close[i]) ? 1 : 0;
    }
  }

  static bool is_impossible(double open, double high, double low, double close) {
    const double tolerance = kPriceTolerance * std::max(1.0, high);
    const double highest = std::max(std::max(open, close), low);
    const double lowest = std::min(open, close);
    return (highest > high + tolerance) | (lowest < low - tolerance);
  }

  /// Names what is wrong with a row that can't be a bar.
  Judgement judge(std::size_t row) const {
    if (auto fault = judge_present(row)) return fault;
    if (auto fault = judge_signs(row)) return fault;
    return judge_shape(row);
  }

  double at(PriceColumn column, std::size_t row) const { return rows_.values[column][row]; }

  Judgement judge_present(std::size_t row) const {
    auto required = prices_;
    required.push_back(kVolume);
    for (const auto column : required) {
      const double value = at(column, row);
      if (std::isnan(value)) return Fault{row, QuarantineReason::kEmptyField, column, value};
      if (std::isinf(value)) return Fault{row, QuarantineReason::kNonNumeric, column, value};
    }
    for (const auto column : actions_) {
      if (std::isinf(at(column, row)))
        return Fault{row, QuarantineReason::kNonNumeric, column, at(column, row)};
    }
    return std::nullopt;
  }

  Judgement judge_signs(std::size_t row) const {
    for (const auto column : prices_) {
      if (at(column, row) <= 0.0)
        return Fault{row, QuarantineReason::kNonPositivePrice, column, at(column, row)};
    }
    if (at(kVolume, row) < 0.0)
      return Fault{row, QuarantineReason::kNegativeVolume, kVolume, at(kVolume, row)};
    for (const auto column : actions_) {
      if (at(column, row) < 0.0)
        return Fault{row, QuarantineReason::kImpossibleAction, column, at(column, row)};
    }
    return std::nullopt;
  }

  Judgement judge_shape(std::size_t row) const {
    const bool high_is_wrong = at(kHigh, row) < std::max({at(kOpen, row), at(kClose, row), at(kLow, row)});
    const auto column = high_is_wrong ? kHigh : kLow;
    return Fault{row, QuarantineReason::kImpossibleBar, column, at(column, row)};
  }

  const PriceRows& rows_;
  bool keep_impossible_bars_;
  std::vector<PriceColumn> prices_;
  std::vector<PriceColumn> actions_;
};

std::string found_text(const Fault& fault) {
  if (std::isinf(fault.found)) return fault.found > 0 ? "inf" : "-inf";
  return number_text(fault.found);
}

/// Returns the days that good rows have, ascending, each with its number of rows.
std::vector<std::pair<Date, std::size_t>> count_days(const PriceRows& rows) {
  constexpr std::size_t kPlausibleDays = 401 * 366;
  static const Date kFirst = make_date(1800, 1, 1);
  std::vector<std::size_t> counts(kPlausibleDays, 0);
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows.symbol[row] != PriceRows::kUnusable) ++counts[static_cast<std::size_t>(rows.date[row] - kFirst)];
  }
  std::vector<std::pair<Date, std::size_t>> days;
  for (std::size_t day = 0; day < counts.size(); ++day) {
    if (counts[day] > 0) days.emplace_back(kFirst + static_cast<int>(day), counts[day]);
  }
  return days;
}

/// A run of days without a gap of more than a year.
struct DayGroup {
  Date first;
  Date last;
  std::size_t rows = 0;
};

std::vector<DayGroup> group_days(const std::vector<std::pair<Date, std::size_t>>& days) {
  std::vector<DayGroup> groups;
  for (const auto& [day, rows] : days) {
    if (groups.empty() || day - groups.back().last > kIsolatedDays) groups.push_back({day, day, 0});
    groups.back().last = day;
    groups.back().rows += rows;
  }
  return groups;
}

}  // namespace

void check_bars(PriceRows& rows, bool keep_impossible_bars, int threads) {
  const BarJudge judge(rows, keep_impossible_bars);
  const std::size_t blocks = (rows.size() + kBlockRows - 1) / kBlockRows;
  std::vector<std::vector<Fault>> faults(blocks);
  parallel_for(blocks, threads, [&](std::size_t block) {
    judge.judge_block(block * kBlockRows, std::min(rows.size(), (block + 1) * kBlockRows), faults[block]);
  });
  for (const auto& block : faults) {
    for (const auto& fault : block) {
      rows.set_aside(fault.row, fault.reason, price_column_name(fault.column), found_text(fault));
    }
  }
}

void check_isolated_dates(PriceRows& rows) {
  const auto groups = group_days(count_days(rows));
  if (groups.size() < 2) return;
  std::size_t total = 0;
  for (const auto& group : groups) total += group.rows;
  const auto is_slip = [&](Date date) {
    return std::any_of(groups.begin(), groups.end(), [&](const DayGroup& group) {
      return date >= group.first && date <= group.last && group.rows * kRowsPerSlip < total;
    });
  };
  for (std::size_t row = 0; row < rows.size(); ++row) {
    if (rows.symbol[row] == PriceRows::kUnusable || !is_slip(rows.date[row])) continue;
    rows.set_aside(row, QuarantineReason::kIsolatedDate, "date", to_string(rows.date[row]));
  }
}

}  // namespace orrery
