#include "orrery/data/lake/lake_membership.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <set>

#include "orrery/base/error.h"
#include "orrery/base/spelling.h"
#include "orrery/data/known_time.h"
#include "orrery/data/lake/as_of.h"
#include "orrery/data/lake/event_day.h"
#include "orrery/data/text_codes.h"

namespace orrery {
namespace {

const Date kNotEnded = make_date(9999, 12, 31);

/// The first day whose end is not before the moment.
Date first_day_knowing(Timestamp known) { return event_day(known.nanoseconds); }

/// What one symbol's events say, as they become known.
class MemberHistory {
 public:
  /// Takes the events of one symbol, in the order in which they become known.
  std::vector<MembershipInterval> run(const std::string& symbol, const std::vector<MembershipEvent>& events) {
    for (const Date day : turning_days(events)) {
      while (next_ < events.size() && first_day_knowing(events[next_].known) <= day) {
        known_[events[next_].event] = events[next_].is_member;
        ++next_;
      }
      note(symbol, day, is_member_on(day));
    }
    if (since_) intervals_.push_back({symbol, *since_, kNotEnded});
    return std::move(intervals_);
  }

 private:
  /// The days on which something may change, ascending.
  static std::set<Date> turning_days(const std::vector<MembershipEvent>& events) {
    std::set<Date> days;
    for (const auto& event : events) {
      days.insert(first_day_knowing(event.known));
      days.insert(day_of(event.event));
    }
    return days;
  }

  bool is_member_on(Date day) const {
    const auto after = known_.lower_bound(start_of(day + 1));
    return after != known_.begin() && std::prev(after)->second;
  }

  void note(const std::string& symbol, Date day, bool is_member) {
    if (is_member == since_.has_value()) return;
    if (!is_member) intervals_.push_back({symbol, *since_, day - 1});
    since_ = is_member ? std::optional(day) : std::nullopt;
  }

  std::map<Timestamp, bool> known_;
  std::size_t next_ = 0;
  std::optional<Date> since_;
  std::vector<MembershipInterval> intervals_;
};

Table events_table(const std::vector<MembershipInterval>& intervals, const std::string& universe,
                   const FactSource& source) {
  TextCodes symbols;
  std::vector<std::int64_t> events, known, members;
  const auto add = [&](const std::string& symbol, Date day, bool is_member) {
    symbols.append(symbols.code(symbol));
    events.push_back(start_of(day).nanoseconds);
    known.push_back(known_time(kMembershipTable, source.name, {.day = day}).nanoseconds);
    members.push_back(is_member ? 1 : 0);
  };
  for (const auto& interval : intervals) {
    add(interval.symbol, interval.start, true);
    if (interval.end < kNotEnded) add(interval.symbol, interval.end + 1, false);
  }
  const auto count = events.size();
  return complete_facts({{{"universe", repeated_text(count, universe)},
                          {"symbol", symbols.take()},
                          {"is_member", std::move(members)},
                          {kEventTime, std::move(events)},
                          {kKnownTime, std::move(known)}}},
                        source);
}

/// Joins intervals of a symbol that overlap or follow each other without a day between.
std::vector<MembershipInterval> joined(std::vector<MembershipInterval> intervals) {
  std::sort(intervals.begin(), intervals.end(), [](const auto& a, const auto& b) {
    return std::tie(a.symbol, a.start) < std::tie(b.symbol, b.start);
  });
  std::vector<MembershipInterval> result;
  for (auto& interval : intervals) {
    const bool continues =
        !result.empty() && result.back().symbol == interval.symbol && interval.start <= result.back().end + 1;
    if (continues) {
      result.back().end = std::max(result.back().end, interval.end);
    } else {
      result.push_back(std::move(interval));
    }
  }
  return result;
}

std::vector<std::string> universes_of(LakeTable& table, const LakeView& view) {
  const auto rows = scan_as_of(table, known_by(view), {.columns = {"universe"}})->rest();
  auto names = std::get<DictionaryStrings>(rows.column("universe").values).dictionary;
  std::sort(names.begin(), names.end());
  return names;
}

Error no_members(LakeTable& table, const LakeView& view, const std::string& universe) {
  const auto names = universes_of(table, view);
  return user_error(
      ErrorCode::kNotFound,
      fmt::format("{} knows no member of '{}'{}{}; its universes: {}", view.folder.string(), universe,
                  view.as_of ? " at " + to_string(*view.as_of) : "", did_you_mean(universe, names),
                  names.empty() ? "none" : fmt::format("{}", fmt::join(names, ", "))));
}

/// Rows come in the order of symbol, event, known and retrieved time.
std::vector<MembershipEvent> to_events(const Table& rows) {
  const auto& symbols = std::get<DictionaryStrings>(rows.column("symbol").values);
  const auto& members = std::get<std::vector<std::int64_t>>(rows.column("is_member").values);
  const auto& events = std::get<std::vector<std::int64_t>>(rows.column(kEventTime).values);
  const auto& known = std::get<std::vector<std::int64_t>>(rows.column(kKnownTime).values);
  std::vector<MembershipEvent> result;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (symbols.codes[row] < 0 || events[row] == kMissingInteger) continue;
    result.push_back({symbols.dictionary[static_cast<std::size_t>(symbols.codes[row])],
                      {events[row]},
                      {known[row]},
                      members[row] == 1});
  }
  return result;
}

}  // namespace

MembershipImport import_membership(Lake& lake, const std::filesystem::path& file, const std::string& universe,
                                   const FactSource& source) {
  return import_membership(lake, read_membership(file), universe, source);
}

MembershipImport import_membership(Lake& lake, const std::vector<MembershipInterval>& members,
                                   const std::string& universe, const FactSource& source) {
  if (universe.empty()) throw user_error(ErrorCode::kInvalidArgument, "a universe needs a name");
  const auto intervals = joined(members);
  std::set<std::string_view> symbols;
  for (const auto& interval : intervals) symbols.insert(interval.symbol);
  return {
      intervals.size(), symbols.size(),
      add_versions(lake, {*standard_table(kMembershipTable), {}, events_table(intervals, universe, source)})};
}

std::vector<MembershipInterval> members_as_known(std::vector<MembershipEvent> events) {
  std::stable_sort(events.begin(), events.end(), [](const auto& a, const auto& b) {
    return std::tie(a.symbol, a.known) < std::tie(b.symbol, b.known);
  });
  std::vector<MembershipInterval> result;
  for (std::size_t begin = 0; begin < events.size();) {
    std::vector<MembershipEvent> own;
    const auto& symbol = events[begin].symbol;
    std::size_t end = begin;
    for (; end < events.size() && events[end].symbol == symbol; ++end) own.push_back(events[end]);
    for (auto& interval : MemberHistory().run(symbol, own)) result.push_back(std::move(interval));
    begin = end;
  }
  return result;
}

std::vector<MembershipInterval> members_in_hindsight(std::vector<MembershipEvent> events) {
  if (events.empty()) return {};
  const auto by_known = [](const auto& a, const auto& b) { return a.known < b.known; };
  const auto by_event = [](const auto& a, const auto& b) { return a.event < b.event; };
  std::stable_sort(events.begin(), events.end(), by_known);
  const auto first = std::min_element(events.begin(), events.end(), by_event)->event;
  for (auto& event : events) event.known = first;
  return members_as_known(std::move(events));
}

LakeMembership read_lake_membership(const LakeView& view, const std::string& universe) {
  Lake lake(view.folder);
  ViewedTable viewed(lake, view, kMembershipTable);
  ScanRequest request;
  request.columns = {"symbol", "is_member", kEventTime, kKnownTime};
  request.version = viewed.version;
  request.where.push_back(one_of("universe", {universe}));
  request.where.push_back({.column = kKnownTime, .at_most = known_by(view).nanoseconds});
  LakeMembership membership{to_events(viewed.table.scan_sorted(request)->rest()), read_identities(lake, view),
                            viewed.version};
  if (membership.events.empty()) throw no_members(viewed.table, view, universe);
  return membership;
}

}  // namespace orrery
