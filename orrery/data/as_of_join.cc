#include "orrery/data/as_of_join.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "orrery/base/error.h"

namespace orrery {
namespace {

using Matches = std::span<std::uint32_t>;

constexpr std::int64_t kMissingTime = std::numeric_limits<std::int64_t>::min();

/// A row of the right side that may belong to the next rows of the left one.
struct Candidate {
  std::int64_t time = 0;
  std::uint32_t row = kNoMatch;
};

/// The rows of one side from `begin` to `end`, by time.
struct Stretch {
  const AsOfSide* side = nullptr;
  std::size_t begin = 0;
  std::size_t end = 0;

  std::int64_t time(std::size_t row) const { return side->times[row]; }
  /// Missing codes share a place of their own, which never holds a candidate that counts.
  std::size_t place(std::size_t row) const {
    return side->instruments.empty() ? 1 : static_cast<std::size_t>(std::max(side->instruments[row], -1) + 1);
  }
};

/// The distance of two times as a number that can't overflow; `later` is not before `earlier`.
std::uint64_t distance(std::int64_t later, std::int64_t earlier) {
  return static_cast<std::uint64_t>(later) - static_cast<std::uint64_t>(earlier);
}

/// What a join looks for, and how far it is.
struct Search {
  AsOfJoinOptions options;
  std::uint64_t tolerance;
  std::vector<Candidate> latest;         ///< by place
  std::optional<std::size_t> only = {};  ///< the one place that the rows at work have

  void clear() {
    if (only) {
      latest[*only] = {};
    } else {
      std::fill(latest.begin(), latest.end(), Candidate{});
    }
  }
};

/// Goes through both sides from the earliest row on, and keeps the last row of each instrument. Returns
/// whether the left side stands by time, without which the matches mean nothing.
template <bool kExact>
bool sweep_backward(const Stretch& left, const Stretch& right, Search& search, Matches matches) {
  auto* latest = search.latest.data();
  std::size_t next = right.begin;
  std::int64_t previous = kMissingTime;
  bool is_by_time = true;
  for (std::size_t row = left.begin; row < left.end; ++row) {
    const auto time = left.time(row);
    is_by_time &= previous <= time;
    previous = time;
    for (; next < right.end && (kExact ? right.time(next) <= time : right.time(next) < time); ++next) {
      if (right.time(next) == kMissingTime) continue;
      latest[right.place(next)] = {right.time(next), static_cast<std::uint32_t>(next)};
    }
    const auto place = left.place(row);
    const auto candidate = latest[place];
    const bool counts = place != 0 && distance(time, candidate.time) <= search.tolerance;
    matches[row] = counts ? candidate.row : kNoMatch;
  }
  return is_by_time;
}

/// The same from the latest row on.
template <bool kExact>
bool sweep_forward(const Stretch& left, const Stretch& right, Search& search, Matches matches) {
  auto* latest = search.latest.data();
  std::size_t next = right.end;
  std::int64_t previous = std::numeric_limits<std::int64_t>::max();
  bool is_by_time = true;
  for (std::size_t row = left.end; row-- > left.begin;) {
    const auto time = left.time(row);
    is_by_time &= time <= previous;
    previous = time;
    for (; next > right.begin && (kExact ? right.time(next - 1) >= time : right.time(next - 1) > time);
         --next) {
      latest[right.place(next - 1)] = {right.time(next - 1), static_cast<std::uint32_t>(next - 1)};
    }
    const auto place = left.place(row);
    const auto candidate = latest[place];
    const bool counts =
        place != 0 && time != kMissingTime && distance(candidate.time, time) <= search.tolerance;
    matches[row] = counts ? candidate.row : kNoMatch;
  }
  return is_by_time;
}

bool sweep(AsOfDirection direction, const Stretch& left, const Stretch& right, Search& search,
           Matches matches) {
  search.clear();
  const bool exact = search.options.allow_exact;
  if (direction == AsOfDirection::kBackward) {
    return (exact ? sweep_backward<true> : sweep_backward<false>)(left, right, search, matches);
  }
  return (exact ? sweep_forward<true> : sweep_forward<false>)(left, right, search, matches);
}

/// Of the row before and the row after the nearer one, the one before where both are as near.
void take_nearer(const Stretch& left, const AsOfSide& right, Matches matches,
                 const std::vector<std::uint32_t>& forward) {
  for (std::size_t row = left.begin; row < left.end; ++row) {
    const auto after = forward[row];
    if (after == kNoMatch) continue;
    const auto before = matches[row];
    const auto time = left.time(row);
    const bool is_nearer =
        before == kNoMatch || distance(right.times[after], time) < distance(time, right.times[before]);
    if (is_nearer) matches[row] = after;
  }
}

/// Returns whether the left side stands by time.
bool join(const Stretch& left, const Stretch& right, Search& search, Matches matches,
          std::vector<std::uint32_t>& forward) {
  const auto direction = search.options.direction;
  if (direction != AsOfDirection::kNearest) return sweep(direction, left, right, search, matches);
  if (!sweep(AsOfDirection::kBackward, left, right, search, matches)) return false;
  sweep(AsOfDirection::kForward, left, right, search, forward);
  take_nearer(left, *right.side, matches, forward);
  return true;
}

bool is_by_time(const AsOfSide& side) { return std::is_sorted(side.times.begin(), side.times.end()); }

/// The rows of each instrument, which stand together.
using Stretches = std::unordered_map<std::int32_t, Stretch>;

/// Errors: kInvalidArgument when an instrument's rows are not together or not by time.
Stretches stretches_of(const AsOfSide& side, std::string_view name) {
  Stretches stretches;
  for (std::size_t begin = 0; begin < side.times.size();) {
    const auto code = side.instruments.empty() ? 0 : side.instruments[begin];
    std::size_t end = begin + 1;
    while (end < side.times.size() && (side.instruments.empty() || side.instruments[end] == code) &&
           side.times[end - 1] <= side.times[end]) {
      ++end;
    }
    if (!stretches.try_emplace(code, Stretch{&side, begin, end}).second) {
      throw user_error(
          ErrorCode::kInvalidArgument,
          fmt::format("an as-of join needs both sides by time, or both with each instrument's rows "
                      "together and by time; the {} side begins an instrument again at row {}",
                      name, begin));
    }
    begin = end;
  }
  return stretches;
}

void join_stretches(const AsOfSide& left, const AsOfSide& right, Search& search, Matches matches,
                    std::vector<std::uint32_t>& forward) {
  const auto there = stretches_of(right, "right");
  for (const auto& [code, stretch] : stretches_of(left, "left")) {
    const auto found = there.find(code);
    if (found == there.end()) continue;
    search.only = stretch.place(stretch.begin);
    join(stretch, found->second, search, matches, forward);
  }
}

void check(const AsOfSide& side, std::string_view name) {
  if (!side.instruments.empty() && side.instruments.size() != side.times.size()) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the {} side of an as-of join has {} times and {} instruments", name,
                                 side.times.size(), side.instruments.size()));
  }
  if (side.times.size() >= kNoMatch) {
    throw user_error(ErrorCode::kInvalidArgument,
                     fmt::format("the {} side of an as-of join has {} rows, more than {}", name,
                                 side.times.size(), kNoMatch - 1));
  }
}

std::size_t places_of(const AsOfSide& side) {
  std::int32_t largest = 0;
  for (const auto code : side.instruments) largest = std::max(largest, code);
  return static_cast<std::size_t>(largest) + 2;
}

}  // namespace

std::vector<std::uint32_t> as_of_join(const AsOfSide& left, const AsOfSide& right,
                                      const AsOfJoinOptions& options) {
  check(left, "left");
  check(right, "right");
  if (options.tolerance && *options.tolerance < 0) {
    throw user_error(
        ErrorCode::kInvalidArgument,
        fmt::format("the tolerance of an as-of join is 0 or more, found {}", *options.tolerance));
  }
  const auto any = std::numeric_limits<std::uint64_t>::max();
  Search search{options, options.tolerance ? static_cast<std::uint64_t>(*options.tolerance) : any,
                std::vector<Candidate>(std::max(places_of(left), places_of(right)))};
  std::vector<std::uint32_t> matches(left.times.size(), kNoMatch);
  std::vector<std::uint32_t> forward(options.direction == AsOfDirection::kNearest ? left.times.size() : 0,
                                     kNoMatch);
  const bool is_joined = is_by_time(right) && join({&left, 0, left.times.size()},
                                                   {&right, 0, right.times.size()}, search, matches, forward);
  if (!is_joined) {
    std::fill(matches.begin(), matches.end(), kNoMatch);
    join_stretches(left, right, search, matches, forward);
  }
  return matches;
}

std::vector<std::int32_t> codes_in(const DictionaryStrings& left, const DictionaryStrings& right) {
  std::unordered_map<std::string_view, std::int32_t> codes;
  for (std::size_t i = 0; i < right.dictionary.size(); ++i) {
    codes.emplace(right.dictionary[i], static_cast<std::int32_t>(i));
  }
  std::vector<std::int32_t> common;
  for (const auto& text : left.dictionary) {
    const auto found = codes.find(text);
    common.push_back(found == codes.end() ? -1 : found->second);
  }
  std::vector<std::int32_t> result;
  result.reserve(left.codes.size());
  for (const auto code : left.codes) result.push_back(code < 0 ? -1 : common[static_cast<std::size_t>(code)]);
  return result;
}

}  // namespace orrery
