#include "orrery/data/survivorship.h"

#include <algorithm>
#include <set>

namespace orrery {
namespace {

constexpr int kNever = -1;

double share_of(std::size_t part, std::size_t whole) {
  return whole == 0 ? Panel::missing() : static_cast<double>(part) / static_cast<double>(whole);
}

/// By instrument: the last row before which the name still has to join, or join again; kNever for none. What
/// starts after the market's last session is after all its rows.
std::vector<int> last_joining_rows(const std::vector<MembershipInterval>& intervals,
                                   const MarketData& market) {
  std::vector<int> rows(market.instruments(), kNever);
  for (const auto& interval : intervals) {
    if (const auto instrument = market.find_symbol(interval.symbol)) {
      rows[*instrument] = std::max(rows[*instrument], static_cast<int>(market.lower_row(interval.start)));
    }
  }
  return rows;
}

void count_left(const std::vector<MembershipInterval>& intervals, const MarketData& market,
                IndexCoverage& coverage) {
  std::set<std::string_view> touched, there_at_the_end;
  for (const auto& interval : intervals) {
    if (interval.start > coverage.last || interval.end < coverage.first) continue;
    if (!market.find_symbol(interval.symbol)) continue;
    touched.insert(interval.symbol);
    if (interval.end >= coverage.last) there_at_the_end.insert(interval.symbol);
  }
  coverage.members_that_left = touched.size() - there_at_the_end.size();
}

void count_members(const std::vector<MembershipInterval>& intervals, const MarketData& market,
                   IndexCoverage& coverage) {
  std::set<std::string_view> members;
  for (const auto& interval : intervals) {
    const bool touches = interval.start <= coverage.last && interval.end >= coverage.first;
    if (!touches || !members.insert(interval.symbol).second) continue;
    if (!market.find_symbol(interval.symbol)) ++coverage.members_without_prices;
  }
  coverage.members = members.size();
  count_left(intervals, market, coverage);
}

void count_rows(const MaskPanel& member, const std::vector<int>& joining, const MarketData& market,
                std::size_t row, IndexCoverage& coverage) {
  for (std::size_t i = 0; i < market.instruments(); ++i) {
    if (market.present(row, i) == 0) continue;
    ++coverage.rows;
    if (member(row, i) != 0) continue;
    ++(joining[i] > static_cast<int>(row) ? coverage.rows_before_joining : coverage.rows_after_leaving);
  }
}

}  // namespace

double IndexCoverage::absent_share() const { return share_of(members_without_prices, members); }

double IndexCoverage::not_yet_share() const { return share_of(rows_before_joining, rows); }

IndexCoverage index_coverage(const std::vector<MembershipInterval>& intervals, const MarketData& market,
                             std::size_t begin, std::size_t end) {
  IndexCoverage coverage;
  if (begin >= end) return coverage;
  coverage.first = market.dates[begin];
  coverage.last = market.dates[end - 1];
  count_members(intervals, market, coverage);
  const MaskPanel member = membership_mask(intervals, market).member;
  const auto joining = last_joining_rows(intervals, market);
  for (std::size_t row = begin; row < end; ++row) count_rows(member, joining, market, row, coverage);
  return coverage;
}

Survivorship measure_survivorship(const std::vector<MembershipInterval>& intervals,
                                  const MarketData& market) {
  Survivorship result;
  result.names = market.instruments();
  const auto last = static_cast<int>(market.rows()) - 1;
  for (const int row : market.first_row) result.names_starting_later += row > 0 ? 1 : 0;
  for (const int row : market.last_row) result.names_ending_early += row < last ? 1 : 0;
  result.sectors_known = std::any_of(market.sectors.begin(), market.sectors.end(),
                                     [](const std::string& sector) { return !sector.empty(); });
  if (intervals.empty()) return result;
  result.index = index_coverage(intervals, market, 0, market.rows());
  for (std::size_t begin = 0; begin < market.rows();) {
    const int year = year_month_day(market.dates[begin]).year;
    const std::size_t end = market.lower_row(make_date(year + 1, 1, 1));
    result.years.push_back(index_coverage(intervals, market, begin, end));
    begin = end;
  }
  return result;
}

}  // namespace orrery
