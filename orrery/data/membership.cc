#include "orrery/data/membership.h"

#include <fmt/format.h>

#include <algorithm>

#include "orrery/base/error.h"
#include "orrery/base/files.h"
#include "orrery/data/csv.h"

namespace orrery {
namespace {

Date read_end(const TextTable& table, std::size_t row, std::size_t column) {
  static const Date kNotEnded = make_date(9999, 12, 31);
  return table.rows[row][column].empty() ? kNotEnded : day_at(table, row, column);
}

bool touches(const MembershipInterval& interval, const MarketData& market) {
  return market.rows() > 0 && interval.start <= market.dates.back() && interval.end >= market.dates.front();
}

void mark(const MembershipInterval& interval, std::size_t instrument, const MarketData& market,
          MaskPanel& member) {
  const std::size_t end = market.lower_row(interval.end + 1);
  for (std::size_t row = market.lower_row(interval.start); row < end; ++row) member(row, instrument) = 1;
}

}  // namespace

std::vector<MembershipInterval> read_membership(const std::filesystem::path& path) {
  const auto table = read_text_table(path);
  const std::size_t symbol = find_text_column(table, {"symbol", "ticker"});
  const std::size_t start = find_text_column(table, {"start", "start_date"});
  const std::size_t end = find_text_column(table, {"end", "end_date"});
  std::vector<MembershipInterval> intervals;
  for (std::size_t row = 0; row < table.rows.size(); ++row) {
    intervals.push_back({table.rows[row][symbol], day_at(table, row, start), read_end(table, row, end)});
    if (intervals.back().end < intervals.back().start) {
      throw user_error(ErrorCode::kInvalidArgument,
                       fmt::format("{}, line {}: the interval of '{}' ends before it starts: {} to {}",
                                   path.string(), table.lines[row], intervals.back().symbol,
                                   to_string(intervals.back().start), to_string(intervals.back().end)));
    }
  }
  return intervals;
}

std::vector<MembershipInterval> members_by_name(const std::vector<MembershipInterval>& intervals,
                                                const Identities& names) {
  std::vector<MembershipInterval> result;
  for (const auto& interval : intervals) {
    Date start = interval.start;
    for (const Rename& rename : names.renames_of(interval.symbol)) {
      if (rename.day <= start || rename.day > interval.end) continue;
      result.push_back({names.name_of(interval.symbol, start), start, rename.day - 1});
      start = rename.day;
    }
    result.push_back({names.name_of(interval.symbol, start), start, interval.end});
  }
  return result;
}

void write_membership(const std::vector<MembershipInterval>& intervals, const std::filesystem::path& path) {
  std::string text = "symbol,start,end\n";
  for (const auto& interval : intervals)
    text += fmt::format("{},{},{}\n", interval.symbol, to_string(interval.start), to_string(interval.end));
  write_file_atomically(path, text);
}

Membership membership_mask(const std::vector<MembershipInterval>& intervals, const MarketData& market) {
  Membership membership;
  membership.member = MaskPanel(market.rows(), market.instruments());
  for (const auto& interval : intervals) {
    if (!touches(interval, market)) continue;
    if (const auto instrument = market.find_symbol(interval.symbol)) {
      mark(interval, *instrument, market, membership.member);
    } else {
      membership.unknown_symbols.push_back(interval.symbol);
    }
  }
  auto& unknown = membership.unknown_symbols;
  std::sort(unknown.begin(), unknown.end());
  unknown.erase(std::unique(unknown.begin(), unknown.end()), unknown.end());
  return membership;
}

}  // namespace orrery
